namespace MmuNotifier;

/// <summary>What can be waited for at one address space.</summary>
/// <remarks>Blockable and non-blockable calls are apart: a callback may take a lock in the former and only try to in the latter.</remarks>
internal sealed class SpaceDependencies
{
    private static int s_count;

    private readonly int _number = Interlocked.Increment(ref s_count);

    public SpaceDependencies()
    {
        Callbacks = new DependencyNode(isWaitedFor: true, BlockableCalls, NonBlockableCalls, Ends);
        Releases = new DependencyNode(isWaitedFor: true, Callbacks, ReleasedCalls, Finds);
    }

    /// <summary>What ReadBegin and Remove wait for.</summary>
    public DependencyNode Callbacks { get; }

    /// <summary>What Synchronize waits for.</summary>
    public DependencyNode Releases { get; }

    public DependencyNode BlockableCalls { get; } = new(isWaitedFor: false);

    public DependencyNode NonBlockableCalls { get; } = new(isWaitedFor: false);

    /// <summary>What a thread does while a find of it holds a notifier, which is not released meanwhile.</summary>
    public DependencyNode Finds { get; } = new(isWaitedFor: false);

    private DependencyNode Ends { get; } = new(isWaitedFor: false);

    private DependencyNode ReleasedCalls { get; } = new(isWaitedFor: false);

    public DependencyNode NodeOf(CallKind kind, bool isBlockable) => kind switch
    {
        CallKind.Released => ReleasedCalls,
        CallKind.Find => Finds,
        CallKind.WholeSpaceEnd => Ends,
        _ => isBlockable ? BlockableCalls : NonBlockableCalls,
    };

    public override string ToString() => $"address space #{_number}";
}
