namespace MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

/// <summary>
/// A device that mirrors a memory of a few pages, each one address long, in shadow entries under a driver lock; and the oracle: no entry is
/// there while its page changes, and one that is committed is what the page has.
/// </summary>
/// <remarks>
/// The pages are words of the model, read and written relaxed, so that only the engine orders them. What the oracle knows is in ordinary
/// fields: one thread runs at a time, and all it notes belongs to the primitive before it.
/// </remarks>
internal sealed class ScenarioDevice
{
    public const int Pages = 8;

    private readonly AtomicInt64[] _memory = new AtomicInt64[Pages];
    private readonly long[] _contents = new long[Pages];
    private readonly long?[] _entries = new long?[Pages];
    private readonly int[] _changes = new int[Pages];

    /// <summary>The driver lock.</summary>
    public EngineLock Lock { get; } = new();

    public AddressSpace Space { get; } = new(new ReleaseWorkers(BackgroundThread.Start));

    public static AddressRange Range(ulong first, ulong last) => new(first, last);

    public static AddressRange Page(ulong page) => new(page, page);

    /// <summary>For the setup: an entry that is right.</summary>
    public void Fill(ulong first, ulong last)
    {
        for (ulong page = first; page <= last; page++)
            _entries[page] = _contents[page];
    }

    /// <summary>An invalidation, and within it the change.</summary>
    public void Change(
        ulong first, ulong last, InvalidationEvent invalidationEvent =
            InvalidationEvent.Unmap, object? owner = null, InvalidationOrigin? origin = null)
    {
        InvalidationScope scope = Space.StartInvalidation(Range(first, last), invalidationEvent, owner, origin);
        BeginChange(first, last);
        EndChange(first, last);
        scope.Dispose();
    }

    public void Change(ulong page) => Change(page, page);

    /// <summary>A start has returned: no entry may be there, and none may come.</summary>
    public void BeginChange(ulong first, ulong last)
    {
        for (ulong page = first; page <= last; page++)
        {
            RequireNoEntry(page, "when the start has returned");
            _changes[page]++;
        }

        for (ulong page = first; page <= last; page++)
        {
            _memory[page].WriteRelaxed(_contents[page] + 1);
            _contents[page]++;
        }
    }

    /// <summary>Called before the end.</summary>
    public void EndChange(ulong first, ulong last)
    {
        for (ulong page = first; page <= last; page++)
        {
            RequireNoEntry(page, "before the end");
            _changes[page]--;
        }
    }

    /// <summary>As <see cref="BeginChange"/>, of one who may have the page's entry itself by now.</summary>
    public void BeginOwnChange(ulong page)
    {
        _changes[page]++;
        _memory[page].WriteRelaxed(_contents[page] + 1);
        _contents[page]++;
    }

    public void EndOwnChange(ulong page) => _changes[page]--;

    /// <summary>Whether several change the page at the same time.</summary>
    public bool IsChangingTwice(ulong page) => _changes[page] > 1;

    /// <summary>What the page has, as the oracle knows.</summary>
    public long Contents(ulong page) => _contents[page];

    /// <summary>Reads a page without a lock, as a fault handler collects what it mirrors.</summary>
    public long Collect(ulong page) => _memory[page].ReadRelaxed();

    /// <summary>Under the driver lock, after the retry check.</summary>
    public void Commit(ulong page, long contents, bool isInOwnChange = false)
    {
        Lock.AssertHeld();
        Explore.Assert(isInOwnChange || _changes[page] == 0, $"page {page} is committed while it changes");
        Explore.Assert(contents == _contents[page], $"page {page} is committed as {contents}, and has {_contents[page]}");
        _entries[page] = contents;
    }

    /// <summary>Under the driver lock.</summary>
    public void Forget(AddressRange range)
    {
        Lock.AssertHeld();
        for (ulong page = range.Start; page <= Math.Min(range.Last, Pages - 1); page++)
            _entries[page] = null;
    }

    public void RequireNoEntry(ulong page, string when) =>
        Explore.Assert(_entries[page] is null, $"page {page} has an entry {when}");
}
