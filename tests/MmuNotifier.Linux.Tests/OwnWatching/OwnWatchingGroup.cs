namespace MmuNotifier.Linux.Tests.OwnWatching;

/// <summary>
/// These tests do not run beside each other: what two of them map next to each other can be one mapping, which belongs to one watch only.
/// </summary>
[CollectionDefinition(Name)]
public sealed class OwnWatchingGroup
{
    public const string Name = "own watching";
}
