namespace MmuNotifier.Hmm;

/// <summary>What the CPU's page table says of a page.</summary>
public enum PageState : byte
{
    /// <summary>Nothing: the next touch makes a page, or fails.</summary>
    None,

    /// <summary>A page that the CPU reaches. May be a coherent page of a device: its frame shows that.</summary>
    Present,

    /// <summary>The shared page of zeros, read-only.</summary>
    Zero,

    /// <summary>Written out to swap.</summary>
    Swapped,

    /// <summary>A private page of a device; a CPU touch brings it back.</summary>
    DevicePrivate,

    /// <summary>A page that a device holds for its atomics; a CPU touch takes it back.</summary>
    DeviceExclusive,

    /// <summary>On the move between memory and a device; a CPU touch waits for the end.</summary>
    Migrating,
}
