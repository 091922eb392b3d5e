namespace MmuNotifier.IoUring.Tests;

/// <summary>
/// One after the other: each has a watch of this process's memory, a mapping belongs to one watch, and neighbours may be one mapping.
/// </summary>
[CollectionDefinition(Name)]
public sealed class RingGroup
{
    internal const string Name = "rings";
}
