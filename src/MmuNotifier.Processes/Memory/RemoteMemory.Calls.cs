namespace MmuNotifier.Processes;

/// <content>Who makes the calls that only the process itself can make.</content>
public sealed unsafe partial class RemoteMemory
{
    private const int PopulateRead = 22;
    private const int PopulateWrite = 23;
    private const int DontNeedLocked = 24;

    [ThreadStatic]
    private static RemoteMemory? t_memory;

    [ThreadStatic]
    private static IProgramCalls? t_calls;

    /// <summary>The thread of the process that waits for what this thread does; null where there is none.</summary>
    private IProgramCalls? Calls => t_memory == this ? t_calls : null;

    /// <summary>While the scope lives, what this thread does to this memory may have calls made by the process.</summary>
    /// <param name="calls">The thread of the process that waits for what this thread does.</param>
    /// <returns>The scope; dispose of it on this thread. Scopes may be nested, also of several memories.</returns>
    public ProgramCallScope ServeWith(IProgramCalls calls)
    {
        ArgumentNullException.ThrowIfNull(calls);
        var scope = new ProgramCallScope(t_memory, t_calls);
        t_memory = this;
        t_calls = calls;
        return scope;
    }

    internal static void Restore(RemoteMemory? memory, IProgramCalls? calls) => (t_memory, t_calls) = (memory, calls);
}
