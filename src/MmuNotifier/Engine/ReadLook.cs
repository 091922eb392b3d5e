namespace MmuNotifier;

/// <summary>What a reader finds that cannot begin at once.</summary>
/// <param name="Section">The section, or why there is none.</param>
/// <param name="Blocker">The invalidation that it collides with; null where none is known.</param>
/// <param name="Generation">Which use of that object.</param>
/// <param name="NeedsLock">Whether an edit may be under way, so that only a look under the engine lock can say.</param>
internal readonly record struct ReadLook(
    ReadSection Section, ActiveInvalidation? Blocker = null, long Generation = 0, bool NeedsLock = false)
{
    public bool IsBlocked => Section.Status == ReadStatus.Invalidating;
}
