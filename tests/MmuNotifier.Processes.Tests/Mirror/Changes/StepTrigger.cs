namespace MmuNotifier.Processes.Tests.Mirror.Changes;

/// <summary>
/// Runs something once, between two given steps of the mirror. A place is named by the step before and the step itself, so that the same
/// request counts apart while attaching, freezing, refreshing and following. Notes every place that it sees.
/// </summary>
internal sealed class StepTrigger(string? wanted, Action action)
{
    private readonly Lock _lock = new();
    private string _previous = "begin";
    private bool _hasFired;
    private bool _isDisarmed;

    /// <summary>The places seen, in the order of their first time.</summary>
    internal List<string> Places { get; } = [];

    internal bool HasFired
    {
        get
        {
            lock (_lock)
                return _hasFired;
        }
    }

    /// <summary>Rules out that it fires later.</summary>
    /// <returns>False if it has fired.</returns>
    internal bool TryDisarm()
    {
        lock (_lock)
        {
            _isDisarmed = !_hasFired;
            return _isDisarmed;
        }
    }

    internal void After(string step)
    {
        lock (_lock)
        {
            string place = $"{_previous} > {step}";
            _previous = step;
            if (!Places.Contains(place))
                Places.Add(place);
            if (_hasFired || _isDisarmed || place != wanted)
                return;
            _hasFired = true;
        }

        action();
    }
}
