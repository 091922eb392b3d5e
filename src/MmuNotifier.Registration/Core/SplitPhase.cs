namespace MmuNotifier.Registration;

/// <summary>How far the split of an entry is that a hole was made into.</summary>
internal enum SplitPhase
{
    /// <summary>There is nothing to split, or it has been done.</summary>
    None,

    /// <summary>To be done by the cache's thread, or by a call that looks for the rest.</summary>
    Due,

    /// <summary>A thread is doing it.</summary>
    Running,
}
