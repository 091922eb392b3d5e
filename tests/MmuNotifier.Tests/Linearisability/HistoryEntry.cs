namespace MmuNotifier.Tests.Linearisability;

/// <summary>An operation in its place in the order that the model has run, and what the model says of it there.</summary>
internal sealed record HistoryEntry(Operation Operation, Prediction Prediction)
{
    public bool Edits(int notifier) => Prediction.Edited.Contains(notifier);

    public bool Removes(int notifier) => Prediction.Removed.Contains(notifier);

    public bool Meets(int notifier) => Prediction.Calls.Any(call => call.Call.Notifier == notifier);

    public override string ToString() => $"{Operation}: predicted {Prediction}, observed {Operation.Observed}";
}
