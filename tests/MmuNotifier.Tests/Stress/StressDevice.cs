namespace MmuNotifier.Tests.Stress;

/// <summary>
/// A device with one driver lock and one shadow entry per page: the version of the page that it believes in, and the notifier that answers
/// for it. Whoever gives up bytes forgets its own entries there; a batch hands them on.
/// </summary>
internal sealed class StressDevice(StressModel model)
{
    private readonly long[] _versions = Enumerable.Repeat(-1L, StressModel.Pages).ToArray();
    private readonly StressNotifier?[] _owners = new StressNotifier?[StressModel.Pages];

    public Lock Lock { get; } = new();

    /// <summary>Notifiers that were inserted and not removed, as far as the device knows. Under <see cref="Lock"/>.</summary>
    public List<StressNotifier> Notifiers { get; } = [];

    /// <summary>Under <see cref="Lock"/>.</summary>
    public void Forget(StressNotifier owner, AddressRange range)
    {
        for (ulong page = range.Start; page <= Math.Min(range.Last, StressModel.Pages - 1); page++)
        {
            if (ReferenceEquals(_owners[page], owner))
                _owners[page] = null;
        }
    }

    /// <summary>Under <see cref="Lock"/>: the entries of all notifiers that work for an owner.</summary>
    public void ForgetOf(object owner, AddressRange range)
    {
        for (ulong page = range.Start; page <= Math.Min(range.Last, StressModel.Pages - 1); page++)
        {
            if (ReferenceEquals(_owners[page]?.Owner, owner))
                _owners[page] = null;
        }
    }

    /// <summary>Under <see cref="Lock"/>: the successor answers for the entries from now on.</summary>
    public void HandOn(StressNotifier from, StressNotifier to, AddressRange range)
    {
        for (ulong page = range.Start; page <= Math.Min(range.Last, StressModel.Pages - 1); page++)
        {
            if (ReferenceEquals(_owners[page], from))
                _owners[page] = to;
        }
    }

    /// <summary>Under <see cref="Lock"/>, after the retry check.</summary>
    public void Commit(StressNotifier owner, AddressRange range, ReadOnlySpan<long> versions)
    {
        for (ulong page = range.Start; page <= range.Last; page++)
        {
            _owners[page] = owner;
            _versions[page] = versions[(int)(page - range.Start)];
        }
    }

    /// <summary>
    /// A device access: memory changes only between a start that returned and its end, and then no entry is left; so an entry that is there
    /// always has the version that the memory has.
    /// </summary>
    public void Access(int page)
    {
        lock (Lock)
        {
            if (_owners[page] is { } owner && _versions[page] != model.Version(page))
                model.Fail($"stale entry: page {page} has version {model.Version(page)}, the entry of {owner} {_versions[page]}");
        }
    }
}
