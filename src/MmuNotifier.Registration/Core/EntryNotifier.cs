namespace MmuNotifier.Registration;

/// <summary>The part of an entry that hits do not touch: its subscription, and where it is in the lists of the cache.</summary>
internal abstract class EntryNotifier : IntervalNotifier
{
    /// <summary>The last look at the hold slots that found the entry held. Guarded by the cache's lock.</summary>
    public long HeldAtLook { get; set; }
}
