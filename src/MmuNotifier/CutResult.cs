namespace MmuNotifier;

/// <summary>What <see cref="IntervalNotifier.Cut(AddressRange, Func{IntervalNotifier})"/> did to the notifier.</summary>
public enum CutResult
{
    /// <summary>The notifier has no byte in the hole; nothing was changed.</summary>
    Untouched,

    /// <summary>The hole covered all of the notifier; it is removed (deferred: <see cref="Notifier.Released"/> follows).</summary>
    Removed,

    /// <summary>The hole took the notifier's end; it keeps what is left of the hole.</summary>
    KeptLeft,

    /// <summary>The hole took the notifier's start; it keeps what is right of the hole.</summary>
    KeptRight,

    /// <summary>The hole was inside: the notifier keeps what is left of it, and a new notifier has what is right of it.</summary>
    Split,

    /// <summary>The notifier was removed before; nothing was changed.</summary>
    AlreadyRemoved,

    /// <summary>A split was needed, but the address space has exited and takes no insertions; nothing was changed.</summary>
    Exited,
}
