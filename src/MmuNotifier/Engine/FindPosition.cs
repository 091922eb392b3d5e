namespace MmuNotifier;

/// <summary>Where a find is: behind a place in the order of the tree. The default one is before the first, as stamps begin at 1.</summary>
internal struct FindPosition
{
    /// <summary>The last stamp of the tree when the find began, plus 1; 0 before.</summary>
    private long _endStamp;

    public TreePlace Place { get; private set; }

    /// <summary>At the first step: what gets a later stamp was inserted, or moved to another start, since the find began.</summary>
    public void BeginAt(long lastStamp)
    {
        if (_endStamp == 0)
            _endStamp = lastStamp + 1;
    }

    /// <summary>Whether the find yields a notifier: without this, one that is moved ahead again and again would be found for
    /// ever.</summary>
    public readonly bool Covers(IntervalNotifier notifier) => notifier.TreeStamp < _endStamp;

    public void Pass(IntervalNotifier notifier) => Place = notifier.TreePlace;
}
