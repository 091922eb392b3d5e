namespace MmuNotifier.Caching.Redis;

/// <summary>A node that may have a lease.</summary>
/// <param name="Node">Its id.</param>
/// <param name="Renewals">How often it has asked for one.</param>
/// <param name="Acknowledged">How far it had applied the log when it last asked; -1: not at all.</param>
internal readonly record struct LeaseHolder(string Node, long Renewals, long Acknowledged);
