namespace MmuNotifier.Caching;

/// <summary>What the keys of some hashes have in common.</summary>
/// <param name="Cache">Where they are.</param>
/// <param name="Lock">Guards their nodes, and the states of their entries.</param>
internal sealed record KeyShard(CoherentCache Cache, DriverLock Lock);
