namespace MmuNotifier;

/// <summary>On which terms an invalidation is started.</summary>
/// <param name="Owner">Who asked for a migration or exclusive access.</param>
/// <param name="Origin">The read section that causes the invalidation.</param>
/// <param name="IsBlockable">Whether callbacks may sleep.</param>
/// <param name="IsReport">Whether the change is already made, so that nothing can refuse it.</param>
internal readonly record struct InvalidationTerms(object? Owner, InvalidationOrigin? Origin, bool IsBlockable, bool IsReport);
