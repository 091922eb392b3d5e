using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>The mappings of a process that is being attached to.</summary>
/// <remarks>
/// While the process is stopped each mapping is asked for by itself where the kernel can answer that (PROCMAP_QUERY, Linux 6.11): to read
/// tens of thousands takes longer than all else of such a stop. Elsewhere all are read, once.
/// </remarks>
internal sealed class TargetMappings : IDisposable
{
    private readonly int _threadId;
    private readonly ProcessMaps _maps;
    private List<ProcessMapping>? _all;

    private TargetMappings(int threadId, ProcessMaps maps)
    {
        _threadId = threadId;
        _maps = maps;
    }

    /// <summary>All mappings by rising addresses, as they were when they were first asked for.</summary>
    /// <exception cref="TargetChangedException">The thread has ended, and has no memory any more.</exception>
    internal IReadOnlyList<ProcessMapping> All => _all ??= ReadAll();

    /// <exception cref="TargetChangedException">The thread has ended, and has no memory any more.</exception>
    internal static TargetMappings Of(int threadId) =>
        new(threadId, ProcessMaps.Open(threadId, new MappingNameCache(), out Errno error) ?? throw CannotRead(threadId, error));

    /// <summary>The mapping that contains the address, if there is one.</summary>
    /// <exception cref="TargetChangedException">The thread has ended, and has no memory any more.</exception>
    internal ProcessMapping? Find(ulong address)
    {
        if (_all is null)
        {
            Errno error = _maps.QueryWithName(address, out ProcessMapping mapping);
            if (error is Errno.None or Errno.NoEntry)
                return error == Errno.None && mapping.Contains(address) ? mapping : null;
        }

        foreach (ProcessMapping mapping in All)
        {
            if (mapping.Contains(address))
                return mapping;
        }

        return null;
    }

    /// <exception cref="TargetChangedException">The thread has ended, and has no memory any more.</exception>
    internal ProcessMapping? FindMainStack()
    {
        // The kernel calls that mapping the stack in which this address lies.
        if (Find(ProcessStatus.ReadMainStackAddress(_threadId)) is { IsMainStack: true } stack)
            return stack;
        foreach (ProcessMapping mapping in All)
        {
            if (mapping.IsMainStack)
                return mapping;
        }

        return null;
    }

    /// <summary>To be called when a mapping may have changed.</summary>
    internal void LookAgain() => _all = null;

    public void Dispose() => _maps.Dispose();

    private List<ProcessMapping> ReadAll()
    {
        var mappings = new List<ProcessMapping>();
        Errno error = _maps.Read(mappings);
        return error == Errno.None ? mappings : throw CannotRead(_threadId, error);
    }

    private static TargetChangedException CannotRead(int threadId, Errno error) => error == Errno.NoProcess
        ? new TargetChangedException($"Thread {threadId} has no memory any more.")
        : new TargetChangedException(
            $"The mappings of thread {threadId} cannot be read: {Marshal.GetPInvokeErrorMessage((int)error)}.");
}
