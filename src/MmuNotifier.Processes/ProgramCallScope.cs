namespace MmuNotifier.Processes;

/// <summary>
/// While it lives, what its thread does to a <see cref="RemoteMemory"/> can have calls made by the process. For the thread that began it by
/// <see cref="RemoteMemory.ServeWith"/>.
/// </summary>
public readonly ref struct ProgramCallScope
{
    private readonly RemoteMemory? _memoryBefore;
    private readonly IProgramCalls? _callsBefore;

    internal ProgramCallScope(RemoteMemory? memoryBefore, IProgramCalls? callsBefore) =>
        (_memoryBefore, _callsBefore) = (memoryBefore, callsBefore);

    /// <summary>Ends it. The scope that it was begun in counts again.</summary>
    public void Dispose() => RemoteMemory.Restore(_memoryBefore, _callsBefore);
}
