using MmuNotifier.Linux.Proc;

namespace MmuNotifier.Processes.Cores;

/// <summary>
/// Tells whether the heap of a .NET process can be walked now: in the middle of a collection a core of it is of little use. Reads a few
/// words of its memory, and never stops it.
/// </summary>
/// <remarks>
/// What is read is laid out for the runtime's own debuggers: the exported table <c>g_dacTable</c> of libcoreclr.so names the collector's
/// variables, and these begin with a version. The layout is private, so anything unexpected means that nothing is known.
/// </remarks>
internal sealed class GarbageCollector
{
    private const string Runtime = "/libcoreclr.so";
    private const string Table = "g_dacTable";

    private const ulong CollectorEntryOffset = 19 * 8;
    private const ulong StateOffset = 0x48;
    private const ulong InvalidCountOffset = 0xC0;
    private const uint Version = 0x0402; // Major 2, minor 4: .NET 10.

    private const uint Sweeping = 1;

    private readonly RemoteImage _image;
    private readonly ulong _invalidCount;
    private readonly ulong _state;

    private GarbageCollector(RemoteImage image, ulong invalidCount, ulong state)
    {
        _image = image;
        (_invalidCount, _state) = (invalidCount, state);
    }

    /// <summary>Finds the collector's words.</summary>
    /// <param name="processId">By which number the memory is read.</param>
    /// <param name="mappings">Of the process.</param>
    /// <param name="isDotnet">Whether it is a .NET process at all.</param>
    /// <returns>Null if there is no .NET runtime, or one that is not known.</returns>
    internal static GarbageCollector? Find(int processId, IEnumerable<ProcessMapping> mappings, out bool isDotnet)
    {
        ulong start = 0;
        foreach (ProcessMapping mapping in mappings)
        {
            if (mapping.Offset == 0 && mapping.Name.EndsWith(Runtime, StringComparison.Ordinal))
            {
                start = mapping.Start;
                break;
            }
        }

        isDotnet = start != 0;
        if (!isDotnet)
            return null;
        var image = new RemoteImage(processId, start);
        ulong table = image.Find(Table);
        ulong variables = table == 0 ? 0 : image.ReadLong(image.ReadLong(table + CollectorEntryOffset));
        if (variables == 0 || (image.ReadWord(variables) & 0xffff) != Version)
            return null;
        var collector = new GarbageCollector(
            image, image.ReadLong(variables + InvalidCountOffset), image.ReadLong(variables + StateOffset));
        return collector.IsPlausible() ? collector : null;
    }

    /// <summary>Whether the heap can be walked now.</summary>
    internal bool IsHeapWalkable => _image.TryReadWord(_invalidCount, out uint count) && count == 0;

    /// <summary>Whether a background collection plans or sweeps now: the heap can be walked, but VerifyHeap complains of it.</summary>
    internal bool IsSweepingInBackground => _image.TryReadWord(_state, out uint state) && state == Sweeping;

    /// <summary>The count is that of collections under way, and the state is one of three.</summary>
    private bool IsPlausible()
    {
        const uint mostAtOnce = 64;
        const uint noCollection = 2;
        return _image.TryReadWord(_invalidCount, out uint count) && count <= mostAtOnce
            && _image.TryReadWord(_state, out uint state) && state <= noCollection;
    }
}
