namespace MmuNotifier.Tests.Linearisability;

/// <summary>The operations that ran at the same time as another one, at least for a moment, as the clock says.</summary>
internal sealed class Beside(IReadOnlyList<HistoryEntry> history, Operation operation)
{
    public IEnumerable<HistoryEntry> Entries => history.Where(entry =>
        entry.Operation != operation && entry.Operation.Began <= operation.Ended && operation.Began <= entry.Operation.Ended);

    /// <summary>Every invalidation of the history.</summary>
    public IEnumerable<InvalidateOperation> Invalidations => history.Select(entry => entry.Operation).OfType<InvalidateOperation>();

    public bool HasEditOf(int notifier) => Entries.Any(entry => entry.Edits(notifier));

    public bool HasStartOn(int notifier) => Entries.Any(entry => entry.Operation is InvalidateOperation && entry.Meets(notifier));
}
