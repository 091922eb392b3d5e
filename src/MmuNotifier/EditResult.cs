namespace MmuNotifier;

/// <summary>What became of a move or a batch. Unless it is <see cref="Applied"/>, nothing was changed.</summary>
public enum EditResult
{
    /// <summary>The edit is in effect.</summary>
    Applied,

    /// <summary>A notifier that the edit removes or moves was removed before.</summary>
    AlreadyRemoved,

    /// <summary>A notifier that the edit removes or moves has another range than the edit believes.</summary>
    RangeDiffers,

    /// <summary>The address space has exited and takes no insertions.</summary>
    Exited,
}
