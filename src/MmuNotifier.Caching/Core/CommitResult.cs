namespace MmuNotifier.Caching;

/// <summary>What became of a loaded value.</summary>
internal enum CommitResult
{
    /// <summary>Lookups get it.</summary>
    Kept,

    /// <summary>It began in an open scope, or its options or the size limit say so: only the callers get it.</summary>
    NotKept,

    /// <summary>One of its names was invalidated since the attempt began, or the key was set.</summary>
    Collided,
}
