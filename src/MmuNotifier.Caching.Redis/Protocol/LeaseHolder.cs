namespace MmuNotifier.Caching.Redis;

/// <summary>A node that may have a lease.</summary>
/// <param name="Node">Its id.</param>
/// <param name="Renewal">The number of its last renewal, which is never given twice in an epoch.</param>
/// <param name="Acknowledged">How far it had applied the log when it last asked; -1: not at all.</param>
internal readonly record struct LeaseHolder(string Node, long Renewal, long Acknowledged);
