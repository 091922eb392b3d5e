namespace MmuNotifier;

/// <summary>
/// What is mirrored (<c>mm_struct</c> with its <c>mmu_notifier_subscriptions</c> in Linux): 64-bit addresses, the notifiers that watch
/// them, and the invalidations in progress. All members may be called from any thread.
/// </summary>
/// <remarks>
/// <para>
/// An invalidation, from start to end:
/// <code>
/// start   engine lock   becomes active; every notifier that it meets: gate up, sequence bumped, one hit noted
///         no lock       first steps in ascending start; then those inherited by edits; whole-space starts; second steps
///         engine lock   hits let go; removals that waited for the last of them complete
///         (the change)  gates keep read sections out
/// end     engine lock   no longer active; gates of those that it meets now go down; readers wake
///         no lock       whole-space ends
/// </code>
/// The tree is never frozen: an edit takes the lock, changes tree and gates, and looks at the active invalidations, which stay listed
/// until their end, to collide and to inherit. So every wait is for callbacks of one notifier, or for invalidations that meet it.
/// </para>
/// <para>
/// Lock order: locks of the user → engine lock → monitor of one waiter, or of the release workers. User code never runs under the last
/// three.
/// </para>
/// </remarks>
public sealed partial class AddressSpace
{
    private readonly EngineLock _lock = new();
    private readonly IntervalTree _tree = new();
    private bool _exited;

    /// <summary>
    /// Raised when user code threw where nobody could be thrown to: a callback or second step of an invalidation that reports a change
    /// already made, a whole-space end, <see cref="Notifier.Released"/>. On the thread that ran the code, under no lock of the engine.
    /// An exception of the handler itself is ignored: there is nobody left to tell.
    /// </summary>
    public event EventHandler<CallbackFailedEventArgs>? CallbackFailed;

    /// <summary>Whether <see cref="Exit"/> was called.</summary>
    public bool HasExited => Volatile.Read(ref _exited);

    internal void RaiseCallbackFailed(Notifier notifier, Exception exception)
    {
        _lock.AssertNotHeld();
        try
        {
            CallbackFailed?.Invoke(this, new CallbackFailedEventArgs(notifier, exception));
        }
        catch (Exception)
        {
            // Documented at the event: there is nobody left to tell.
        }
    }
}
