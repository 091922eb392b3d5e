using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <summary>One mapping (<c>vm_area_struct</c>). Immutable: a change puts another in its place.</summary>
internal sealed record SimulatedMapping
{
    public required ulong Start { get; init; }

    public required ulong Last { get; init; }

    public required Protection Protection { get; init; }

    public bool IsShared { get; init; }

    /// <summary>Null for private anonymous memory. Shared anonymous memory has a nameless file of its own.</summary>
    public SimulatedFile? File { get; init; }

    public ulong FileOffset { get; init; }

    public bool IsHugeTlb { get; init; }

    public bool IsNotForked { get; init; }

    public bool IsWipedOnFork { get; init; }

    public bool WantsHugePages { get; init; }

    public bool RefusesHugePages { get; init; }

    public AddressRange Range => new(Start, Last);

    public bool IsAnonymousPrivate => File is null;

    public bool Permits(Protection protection) => (Protection & protection) == protection;

    public bool Covers(ulong address) => Start <= address && address <= Last;

    /// <summary>The part of this mapping in [start, last], which it covers.</summary>
    public SimulatedMapping Slice(ulong start, ulong last) =>
        this with { Start = start, Last = last, FileOffset = File is null ? 0 : FileOffset + (start - Start) };

    public bool IsFollowedBy(SimulatedMapping next) =>
        Last + 1 == next.Start && this with { Start = next.Start, Last = next.Last, FileOffset = next.FileOffset } == next
        && (File is null || FileOffset + (next.Start - Start) == next.FileOffset);

    public Mapping ToPublic() => new()
    {
        Range = Range,
        Protection = Protection,
        IsShared = IsShared,
        Backing = File is null || File.IsNameless ? MappingBacking.Anonymous : MappingBacking.File,
        FileOffset = File is null || File.IsNameless ? 0 : FileOffset,
        PageOrder = IsHugeTlb ? (byte)9 : (byte)0,
    };
}
