namespace MmuNotifier.Caching.Redis;

/// <summary>What a call does with values in Redis.</summary>
[Flags]
internal enum SecondLevelUse
{
    Nothing = 0,
    Read = 1,
    Write = 2,
    Both = Read | Write,

    /// <summary>Reads also what this node keeps: the call does not look there.</summary>
    ReadKept = 4,
}
