namespace MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

/// <summary>
/// A notifier of the device: its callback forgets the entries of its overlap. It knows what must not happen to it any more.
/// </summary>
internal class ScenarioNotifier(ScenarioDevice device, object? owner = null) : IntervalNotifier(owner)
{
    private readonly HashSet<ulong> _givenUp = [];
    private int _running;

    public ScenarioDevice Device { get; } = device;

    /// <summary>Callbacks that began.</summary>
    public int Calls { get; private set; }

    /// <summary>Callbacks for a Release that began.</summary>
    public int ReleaseCalls { get; private set; }

    /// <summary>Set when Remove has returned: no callback may begin.</summary>
    public bool IsQuiet { get; private set; }

    /// <summary>Set when who removed it has forgotten its entries: no section may commit.</summary>
    public bool IsGone { get; private set; }

    public static ScenarioNotifier Inserted(ScenarioDevice device, ulong first, ulong last, object? owner = null)
    {
        var notifier = new ScenarioNotifier(device, owner);
        device.Space.Insert(notifier, ScenarioDevice.Range(first, last));
        return notifier;
    }

    /// <summary>One attempt to mirror a page by a section over the whole range.</summary>
    public void Mirror(ulong page) => Mirror(page, ReadBegin());

    /// <summary>One attempt to mirror a page by a section over just that.</summary>
    public void MirrorPart(ulong page, InvalidationOrigin? origin = null) => Mirror(page, ReadBegin(ScenarioDevice.Page(page), origin));

    public void Mirror(ulong page, ReadSection section)
    {
        if (section.Status != ReadStatus.Open)
            return;
        long contents = Device.Collect(page);
        using (Device.Lock.Hold())
        {
            if (!section.MustRetry)
                Commit(page, contents);
        }
    }

    /// <summary>Under the driver lock, after the retry check.</summary>
    public void Commit(ulong page, long contents, bool isInOwnChange = false)
    {
        Explore.Assert(!IsGone, "a section of a removed notifier committed");
        Explore.Assert(!_givenUp.Contains(page), $"a section committed page {page}, which its notifier has given up");
        Device.Commit(page, contents, isInOwnChange);
    }

    /// <summary>What a driver does that has moved away from pages: it forgets their entries, and no section may bring them back.</summary>
    public void GiveUp(ulong first, ulong last)
    {
        using (Device.Lock.Hold())
        {
            Device.Forget(ScenarioDevice.Range(first, last));
            for (ulong page = first; page <= last; page++)
                _givenUp.Add(page);
        }
    }

    /// <summary>What a driver does when it removes: no callback runs afterwards, and it forgets its own entries.</summary>
    public void RemoveAndForget()
    {
        Remove();
        RequireQuiet();
        AddressRange range = Range;
        using (Device.Lock.Hold())
        {
            IsGone = true;
            Device.Forget(range);
        }
    }

    /// <summary>When Remove has returned: no callback runs, or will.</summary>
    public void RequireQuiet()
    {
        Explore.Assert(_running == 0, "a callback runs although Remove has returned");
        IsQuiet = true;
    }

    protected internal override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        Explore.Assert(!IsQuiet, "a callback started although Remove had returned");
        Explore.Assert(invalidation.Range.Contains(invalidation.Overlap), "the overlap is not of this invalidation");
        Calls++;
        if (invalidation.Event == InvalidationEvent.Release)
            ReleaseCalls++;
        _running++;
        InvalidateResult result = Work(in invalidation);
        _running--;
        return result;
    }

    protected virtual InvalidateResult Work(in Invalidation invalidation)
    {
        using (Device.Lock.Hold())
            Device.Forget(invalidation.Overlap);
        return InvalidateResult.Done;
    }
}
