using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// Tells from outside, without stopping the process, whether the heap of a .NET process can be walked: reads the runtime's own count of
/// reasons why it cannot (GCScan::m_GcStructuresInvalidCnt).
/// </summary>
/// <remarks>
/// The way to it is private to the runtime: the exported table for debuggers (g_dacTable), its entry for the collector
/// (g_gcDacGlobals), and the structure that this points to (GcDacVars, gcinterface.dac.h). So versions and values are checked, and
/// anything unknown is refused with a reason. The addresses stay right until the process executes another program. No code or library
/// of the process is loaded here.
/// </remarks>
internal sealed class GarbageCollectorState
{
    private const string Runtime = "libcoreclr.so";
    private const string DebuggersTable = "g_dacTable";
    private const int EntryOfCollector = 19;
    private const byte Major = 2, OldestMinor = 4;
    private const ulong OffsetOfPhase = 0x48, OffsetOfInvalidCount = 0xC0;
    // Each nested reason counts as one; there are at most a handful.
    private const int MaxPlausibleCount = 1024;

    private readonly int _processId;
    private readonly ulong _invalidCount;
    private readonly ulong _phase;

    private GarbageCollectorState(int processId, ulong invalidCount, ulong phase)
    {
        _processId = processId;
        _invalidCount = invalidCount;
        _phase = phase;
    }

    /// <summary>Finds the count in a process, with a few hundred small reads.</summary>
    /// <param name="processId">The process, or a thread of it that lives.</param>
    /// <param name="mappings">Its mappings, in the order of their addresses.</param>
    /// <param name="whyUnknown">If there is a runtime that cannot be asked, the reason, as a clause for a message; otherwise null.</param>
    /// <returns>Null if there is no .NET runtime, or it cannot be asked.</returns>
    internal static GarbageCollectorState? Find(int processId, IReadOnlyList<ProcessMapping> mappings, out string? whyUnknown)
    {
        if (FindTable(processId, mappings, out bool hasRuntime) is not { } table)
        {
            whyUnknown = hasRuntime ? "the runtime does not export its table for debuggers" : null;
            return null;
        }

        if (!RemoteImage.TryRead(processId, table + (EntryOfCollector * sizeof(ulong)), out ulong entry)
            || !RemoteImage.TryRead(processId, entry, out ulong variables)
            || !RemoteImage.TryRead(processId, variables, out ushort version))
        {
            whyUnknown = "the runtime's table for debuggers has another form than that of .NET 10";
            return null;
        }

        (byte major, byte minor) = ((byte)version, (byte)(version >> 8));
        if (major != Major || minor < OldestMinor)
        {
            whyUnknown =
                $"the collector's table for debuggers has version {major}.{minor}, and only {Major}.{OldestMinor} to {Major}.x are known";
            return null;
        }

        if (RemoteImage.TryRead(processId, variables + OffsetOfPhase, out ulong phase)
            && RemoteImage.TryRead(processId, variables + OffsetOfInvalidCount, out ulong invalidCount)
            && IsVariable(phase, mappings) && IsVariable(invalidCount, mappings))
        {
            var found = new GarbageCollectorState(processId, invalidCount, phase);
            if (found.TryRead(out _))
            {
                whyUnknown = null;
                return found;
            }
        }

        whyUnknown = "the collector's table for debuggers has values that cannot be right";
        return null;
    }

    /// <summary>Reads it: two small reads. The process may keep running.</summary>
    /// <returns>False if the process has gone, or the values cannot be right.</returns>
    internal bool TryRead(out HeapMoment moment)
    {
        bool isRead = RemoteImage.TryRead(_processId, _phase, out int phase)
            & RemoteImage.TryRead(_processId, _invalidCount, out int invalid);
        bool isPlausible = isRead && invalid is >= 0 and <= MaxPlausibleCount && Enum.IsDefined((CollectorPhase)phase);
        moment = isPlausible ? new HeapMoment(invalid == 0, (CollectorPhase)phase) : default;
        return isPlausible;
    }

    /// <summary>In the runtime's library, or in the program itself if it was published as a single file.</summary>
    private static ulong? FindTable(int processId, IReadOnlyList<ProcessMapping> mappings, out bool hasRuntime)
    {
        hasRuntime = false;
        string? program = null;
        foreach (ProcessMapping mapping in mappings)
        {
            if (mapping.Offset != 0 || !mapping.IsFileBacked)
                continue;
            bool isRuntime = mapping.Name.AsSpan(mapping.Name.LastIndexOf('/') + 1).StartsWith(Runtime, StringComparison.Ordinal);
            hasRuntime |= isRuntime;
            program ??= mapping.Name;
            if ((isRuntime || mapping.Name == program)
                && RemoteImage.At(processId, mapping.Start) is { } image
                && image.TryFindExport(DebuggersTable, out ulong table, out ulong bytes)
                && bytes >= (EntryOfCollector + 1) * sizeof(ulong))
            {
                return table;
            }
        }

        return null;
    }

    /// <summary>An int in memory that the process can write and shares with nobody.</summary>
    private static bool IsVariable(ulong address, IReadOnlyList<ProcessMapping> mappings)
    {
        const MappingProtection readWrite = MappingProtection.Read | MappingProtection.Write;
        if (address % sizeof(int) != 0)
            return false;
        foreach (ProcessMapping mapping in mappings)
        {
            if (mapping.Contains(address))
                return !mapping.Shared && (mapping.Protection & readWrite) == readWrite;
        }

        return false;
    }
}
