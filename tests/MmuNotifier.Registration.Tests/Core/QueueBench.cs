namespace MmuNotifier.Registration.Tests.Core;

/// <summary>What the parts of a cache need that are tested without the cache: its lock, hold slots, and entries of a page.</summary>
internal sealed class QueueBench
{
    internal const int Page = 0x1000;

    private readonly HoldRegistry _holds = new();

    internal QueueBench() => Looks = new HoldLooks(Lock, _holds);

    internal DriverLock Lock { get; } = new("cache");

    internal HoldLooks Looks { get; }

    internal static EntryNotifier<int> NewEntry(ulong page)
    {
        var entry = new CacheEntry<int> { Range = AddressRange.FromLength(page * Page, Page) };
        var notifier = new EntryNotifier<int>(cache: null!, entry);
        entry.Notifier = notifier;
        return notifier;
    }

    /// <summary>What a hit does.</summary>
    /// <returns>Ends the hold.</returns>
    internal Action Hold(EntryNotifier<int> notifier)
    {
        HoldSlots slots = _holds.Current.WithFree(out int index);
        int generation = slots.Hold(index, notifier.Entry);
        return () => slots.TryClear(index, generation);
    }
}
