namespace MmuNotifier.Growth;

/// <summary>An address space for one case, and what rows make in it.</summary>
internal sealed class GrowthSpace
{
    private const ulong Page = 4096;

    private readonly List<InvalidationScope> _open = [];

    public AddressSpace Space { get; } = new();

    public List<GrowthNotifier> Notifiers { get; } = [];

    /// <summary>Away from everything that rows make n of.</summary>
    public static AddressRange Far => new(1UL << 60, (1UL << 60) + Page - 1);

    /// <summary>The i-th page.</summary>
    public static AddressRange At(int index) => new((ulong)index * Page, ((ulong)index * Page) + Page - 1);

    /// <summary>n notifiers of a page each, one behind the other.</summary>
    public GrowthSpace WithNotifiers(int count, Action<GrowthNotifier>? onCall = null, bool hasSecondStep = false)
    {
        for (int i = 0; i < count; i++)
            Add(At(i), onCall, hasSecondStep);
        return this;
    }

    /// <summary>n notifiers that all start at the same address.</summary>
    public GrowthSpace WithEqualStarts(int count)
    {
        for (int i = 0; i < count; i++)
            Add(At(0));
        return this;
    }

    public GrowthNotifier Add(AddressRange range, Action<GrowthNotifier>? onCall = null, bool hasSecondStep = false)
    {
        var notifier = new GrowthNotifier { OnCall = onCall, HasSecondStep = hasSecondStep };
        Space.Insert(notifier, range);
        Notifiers.Add(notifier);
        return notifier;
    }

    /// <summary>n invalidations that are active, of a page each, or all of the same.</summary>
    public GrowthSpace WithActive(int count, bool isOfSamePage = false)
    {
        for (int i = 0; i < count; i++)
            _open.Add(Space.StartInvalidation(At(isOfSamePage ? 0 : i), InvalidationEvent.Migrate));
        return this;
    }

    /// <summary>Ends them, the newest first.</summary>
    public void EndAll()
    {
        for (int i = _open.Count - 1; i >= 0; i--)
            _open[i].Dispose();
        _open.Clear();
    }

    public void Invalidate(AddressRange range) => Space.StartInvalidation(range, InvalidationEvent.Clear).Dispose();

    public void InsertAndRemove(AddressRange range)
    {
        var notifier = new GrowthNotifier();
        Space.Insert(notifier, range);
        notifier.RemoveDeferred();
    }
}
