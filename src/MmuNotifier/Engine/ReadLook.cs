namespace MmuNotifier;

/// <summary>What a reader finds that cannot begin at once. Filled in place, because a section is large.</summary>
internal struct ReadLook
{
    /// <summary>The section, or why there is none.</summary>
    public ReadSection Section;

    /// <summary>The invalidation that it collides with; null where none is known.</summary>
    public ActiveInvalidation? Blocker;

    /// <summary>Which use of that object.</summary>
    public long Generation;

    /// <summary>Whether an edit may be under way, so that only a look under the engine lock can say.</summary>
    public bool NeedsLock;

    public readonly bool IsBlocked => Section.Status == ReadStatus.Invalidating;
}
