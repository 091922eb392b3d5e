namespace MmuNotifier.Tests.Stress;

/// <summary>
/// A device with one driver lock and one shadow entry per page: the version of the page that it believes in. Every entry has a notifier
/// over its page: who gives up bytes forgets the entries there; a batch that hands bytes on leaves them, its successors are called.
/// </summary>
internal sealed class StressDevice(StressModel model)
{
    private const long None = -1;

    private readonly long[] _versions = Enumerable.Repeat(None, StressModel.Pages).ToArray();

    public DriverLock Lock { get; } = new("device");

    /// <summary>Notifiers that were inserted and not removed, as far as the device knows. Under <see cref="Lock"/>.</summary>
    public List<StressNotifier> Notifiers { get; } = [];

    /// <summary>Under <see cref="Lock"/>.</summary>
    public void Forget(AddressRange range)
    {
        for (ulong page = range.Start; page <= Math.Min(range.Last, StressModel.Pages - 1); page++)
            _versions[page] = None;
    }

    /// <summary>Under <see cref="Lock"/>: what is in the first range, but not in the second.</summary>
    public void ForgetDifference(AddressRange range, AddressRange kept)
    {
        for (ulong page = range.Start; page <= range.Last; page++)
        {
            if (!kept.Contains(page))
                _versions[page] = None;
        }
    }

    /// <summary>Under <see cref="Lock"/>, after the retry check.</summary>
    public void Commit(AddressRange range, ReadOnlySpan<long> versions)
    {
        for (ulong page = range.Start; page <= range.Last; page++)
            _versions[page] = versions[(int)(page - range.Start)];
    }

    /// <summary>A device access: an entry that is there always has the version that the memory has.</summary>
    public void Access(int page)
    {
        using (Lock.Hold())
        {
            if (_versions[page] != None && _versions[page] != model.Version(page))
                model.Fail($"stale entry: page {page} has version {model.Version(page)}, the entry {_versions[page]}");
        }
    }

    /// <summary>Between a start that returned and its end there is no entry, and nobody commits one.</summary>
    public void RequireEmpty(AddressRange range, string when)
    {
        using (Lock.Hold())
        {
            for (ulong page = range.Start; page <= Math.Min(range.Last, StressModel.Pages - 1); page++)
                model.Require(_versions[page] == None, $"an entry of page {page} is there {when}");
        }
    }
}
