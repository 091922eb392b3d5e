namespace MmuNotifier.Tests.Linearisability;

/// <summary>What the model says that an operation comes to.</summary>
/// <param name="Results">The results that are right; more than one only where the contract leaves a choice.</param>
internal sealed record Prediction(params string[] Results)
{
    public const string Misuse = "misuse";

    /// <summary>Callbacks or notifiers found, each with the start of the notifier's range at that moment, which fixes the order.</summary>
    public IReadOnlyList<(Call Call, ulong Start)> Calls { get; init; } = [];

    /// <summary>Notifiers that the operation edits.</summary>
    public IReadOnlyList<int> Edited { get; init; } = [];

    /// <summary>Notifiers that the operation removes.</summary>
    public IReadOnlyList<int> Removed { get; init; } = [];

    /// <summary>What the operation puts over bytes of the notifiers that it edits: these notifiers inherit calls.</summary>
    public IReadOnlyList<Call> Heirs { get; init; } = [];

    /// <summary>The part, or range, of a read section that was to begin.</summary>
    public AddressRange Part { get; init; }

    /// <summary>The read section that begins if it need not wait.</summary>
    public ModelSection? Section { get; init; }

    public bool IsExactly(Observation observed) =>
        Results.Contains(observed.Result) && observed.Calls.Count == Calls.Count && AreInOrder(observed.Calls);

    /// <summary>Whether calls are among the predicted ones, each once, in ascending start, equal starts in any order.</summary>
    public bool AreInOrder(IEnumerable<Call> calls)
    {
        ulong previous = 0;
        HashSet<Call> seen = [];
        foreach (Call call in calls)
        {
            ulong[] starts = [.. Calls.Where(other => other.Call == call).Select(other => other.Start)];
            if (starts.Length == 0 || starts[0] < previous || !seen.Add(call))
                return false;
            previous = starts[0];
        }

        return true;
    }

    public override string ToString() => $"{string.Join(" or ", Results)} {string.Join(' ', Calls.Select(call => call.Call))}";
}
