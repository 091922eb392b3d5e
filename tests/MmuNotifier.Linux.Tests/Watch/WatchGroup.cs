namespace MmuNotifier.Linux.Tests.Watch;

/// <summary>
/// These tests do not run beside each other: what two of them map next to each other can be one mapping, which belongs to one watch only.
/// </summary>
[CollectionDefinition(Name)]
public sealed class WatchGroup
{
    public const string Name = "own watching";
}
