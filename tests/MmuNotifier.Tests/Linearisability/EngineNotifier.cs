namespace MmuNotifier.Tests.Linearisability;

/// <summary>Tells the operation that runs on this thread of its calls.</summary>
internal sealed class EngineNotifier(int id) : IntervalNotifier
{
    [ThreadStatic]
    private static List<Call>? t_calls;

    private int _running;
    private int _releases;

    public int Id => id;

    public bool IsRunning => Volatile.Read(ref _running) != 0;

    public int Releases => Volatile.Read(ref _releases);

    /// <summary>Time for others to come in between, in iterations.</summary>
    public int Pause { get; init; }

    /// <summary>The calls that an action makes on this thread.</summary>
    public static List<Call> CallsOf(Action action)
    {
        List<Call> calls = t_calls = [];
        action();
        t_calls = null;
        return calls;
    }

    protected internal override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        Interlocked.Increment(ref _running);
        t_calls!.Add(new Call(id, invalidation.Overlap, invalidation.IsInherited));
        Thread.SpinWait(Pause);
        Interlocked.Decrement(ref _running);
        return InvalidateResult.Done;
    }

    protected override void Released() => Interlocked.Increment(ref _releases);
}
