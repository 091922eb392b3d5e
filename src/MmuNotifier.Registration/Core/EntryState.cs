namespace MmuNotifier.Registration;

/// <summary>Where an entry is in its life. Written under the cache's lock; read by hits without it.</summary>
internal static class EntryState
{
    /// <summary>Being registered, or not to be kept at all: no hit finds it.</summary>
    public const long Unpublished = 0;

    /// <summary>Describes the memory as it is, up to the stamp that was handled last. The only state that a hit may have.</summary>
    public const long Valid = 1;

    /// <summary>Taken out. Threads that hold it may continue to use it; no other thread gets it.</summary>
    public const long Retired = 2;

    /// <summary>Nobody holds it: the provider's Release was or is being called.</summary>
    public const long Released = 3;
}
