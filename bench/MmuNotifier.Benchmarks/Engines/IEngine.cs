namespace MmuNotifier.Benchmarks.Engines;

/// <summary>
/// What is measured on both sides: one address space with the notifiers of a <see cref="WorkOrder"/>, named by their position in its
/// random order. Implemented by structs, so that the measuring loops are compiled once for each engine and call it directly.
/// </summary>
internal interface IEngine<TSelf, TScope>
    where TSelf : struct, IEngine<TSelf, TScope>
    where TScope : struct
{
    /// <summary>Makes an address space and notifiers, created in address order and not inserted yet.</summary>
    static abstract TSelf Create(WorkOrder order);

    /// <summary>The same address space with new notifiers, since a notifier of ours is used once. All old ones have been removed.</summary>
    TSelf Renewed();

    void Insert(int position);

    /// <summary>Removes, and waits for the notifier's callbacks.</summary>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    void Remove(int position, CancellationToken giveUp);

    /// <summary>Waits until what removals left to the background is done, so that it does not disturb what is measured next.</summary>
    void Settle();

    /// <summary>Starts an invalidation; its callbacks have returned when this does.</summary>
    TScope Start(ulong start, ulong last);

    void End(TScope scope);

    /// <summary>Begins a read section over the whole notifier and checks it at once.</summary>
    /// <returns>Whether it must be retried.</returns>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    bool Read(int position, CancellationToken giveUp);

    /// <summary>As <see cref="Read(int, CancellationToken)"/>, for a wait that is not given up.</summary>
    bool Read(int position);

    /// <summary>How often the notifier was called back.</summary>
    long CallsOf(int position);
}
