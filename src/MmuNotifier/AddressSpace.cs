using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MmuNotifier;

/// <summary>
/// What is mirrored (<c>mm_struct</c> with its <c>mmu_notifier_subscriptions</c> in Linux): 64-bit addresses, the notifiers that watch
/// them, and the invalidations in progress. All members may be called from any thread.
/// </summary>
/// <remarks>
/// <para>
/// An invalidation, from start to end:
/// <code>
/// start   no lock       hits gathered from the tree, published (active from here), tree's version read again: unchanged
///         (engine lock  the same under the lock, if there was an edit meanwhile)
///         no lock       words of the notifiers hit are closed; then first steps in ascending start; then those inherited by edits;
///                       whole-space starts; second steps
/// (the change)          readers who look find it active
/// end     no lock       idle
///         (engine lock  if readers wait for it or whole-space notifiers got its start: they are served)
/// </code>
/// The tree is never frozen: an edit takes the lock, moves the version, changes the tree, and looks at the active invalidations to inherit
/// and to take hits back. Starts and ends of invalidations in different places write nothing that the other reads.
/// </para>
/// <para>
/// Cost: logarithmic in the notifiers, linear in what an operation touches. An edit, and a read section that cannot begin at once, also
/// look at each invalidation that is active at that moment.
/// </para>
/// <para>
/// Lock order: locks of the user → engine lock → monitor of one waiter, or of the release workers. User code never runs under the last
/// three. The monitor of the engine lock itself is for threads that park for it, and for the thread that has let it go and wakes them.
/// </para>
/// </remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed partial class AddressSpace
{
    /// <summary>Guards every field below that does not say otherwise.</summary>
    private readonly EngineLock _lock = new();
    private readonly IntervalTree _tree;
    private readonly OwedCalls _owedCalls;
    private readonly Inheritance _inheritance;
    private readonly FindHolds _findHolds;
    private readonly WholeSpacePairs _pairs;
    private readonly UnreleasedRemovals _removals;
    private readonly WaitingReaders _readers;

    /// <summary>The batch of a split, used again and again.</summary>
    private readonly NotifierBatch _splitBatch = new();

    /// <summary>Has locks of its own.</summary>
    private readonly ReleaseWorkers _releaseWorkers;

    /// <summary>Read without the lock by starts.</summary>
    private TreeVersion _version;

    /// <summary>Read without the lock by <see cref="HasExited"/>.</summary>
    private bool _exited;

    /// <summary>The right piece of a notifier that has failed, while it is inserted: nobody has invalidated its bytes, so it has failed
    /// too.</summary>
    private IntervalNotifier? _failedPiece;

    /// <summary>
    /// The name of the engine's meter: <c>AddMeter(AddressSpace.MeterName)</c>. docs/observability.md has its instruments.
    /// </summary>
    public const string MeterName = "MmuNotifier";

    /// <summary>Makes an address space without notifiers.</summary>
    public AddressSpace()
        : this(ReleaseWorkers.Shared)
    {
    }

    /// <summary>Makes an address space without notifiers that can be told from others in metrics and events.</summary>
    /// <param name="name">
    /// The attribute <c>mmunotifier.space.name</c> of its measurements, and in its events. Not empty. Spaces of the same name are counted
    /// together.
    /// </param>
    /// <param name="meterFactory">Makes the meter; null: the meter that all address spaces of the process share.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public AddressSpace(string name, IMeterFactory? meterFactory = null)
        : this(ReleaseWorkers.Shared, Checked(name), meterFactory)
    {
    }

    internal AddressSpace(ReleaseWorkers releaseWorkers, string? name = null, IMeterFactory? meterFactory = null)
    {
        _releaseWorkers = releaseWorkers;
        Active = new ActiveInvalidations(this, _lock);
        _tree = new IntervalTree(Active.IsBeingWalked);
        _owedCalls = new OwedCalls(_lock, Active);
        _inheritance = new Inheritance(_lock, Active, _owedCalls);
        _removals = new UnreleasedRemovals(_lock, releaseWorkers);
        _findHolds = new FindHolds(_lock, _removals);
        _pairs = new WholeSpacePairs(_lock, _removals);
        _readers = new WaitingReaders(_lock, Active);
        Metrics = SpaceMetrics.Make(name, meterFactory);
        Metrics.Add(this);
    }

    /// <summary>
    /// Raised when user code throws where no caller could get the exception: in a callback or second step of an invalidation that reports a
    /// change already made, in a whole-space end, in <see cref="Notifier.Released"/>. Raised on the thread that ran the code, under no lock
    /// of the engine. An exception of a handler itself is ignored. The other handlers are called all the same.
    /// </summary>
    /// <remarks>The call that failed counts as running until the handler returns: calls that wait may not be made from it.</remarks>
    public event EventHandler<CallbackFailedEventArgs>? CallbackFailed;

    /// <summary>What it is called in metrics and events; null for a space without a name.</summary>
    public string? Name => Metrics.Name;

    /// <summary>Whether <see cref="Exit"/> was called.</summary>
    public bool HasExited => Volatile.Read(ref _exited);

    /// <summary>Its fields are written under <c>_lock</c>, and read by starts and readers without it.</summary>
    internal ActiveInvalidations Active { get; }

    /// <summary>Looked at by every start.</summary>
    internal SpaceMetrics Metrics { get; }

    /// <summary>Of misuse validation, with a lock of its own; null where validation is off.</summary>
    internal SpaceDependencies? Dependencies { get; } = MisuseValidation.IsEnabled ? new SpaceDependencies() : null;

    /// <summary>Takes no lock, which another thread that stands still may hold.</summary>
    private string DebuggerText => $"{_tree.Count} interval notifiers, {Active.Count} active invalidations{(_exited ? ", exited" : "")}";

    private static string Checked(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return name;
    }

    [Conditional("DEBUG")]
    internal void AssertLocked() => _lock.AssertHeld();

    internal void RaiseCallbackFailed(Notifier notifier, Exception exception)
    {
        _lock.AssertNotHeld();
        Metrics.NoteFailure(notifier, exception);
        var failure = new CallbackFailedEventArgs(notifier, exception);
        foreach (EventHandler<CallbackFailedEventArgs> handler in Delegate.EnumerateInvocationList(CallbackFailed))
        {
            try
            {
                using (CallFrame.Enter(notifier, CallKind.CallbackFailed))
                    handler(this, failure);
            }
            catch (Exception)
            {
                // Documented at the event: no caller could get it.
            }
        }
    }
}
