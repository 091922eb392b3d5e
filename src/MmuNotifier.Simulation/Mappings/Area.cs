using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <summary>
/// One mapping (<c>vm_area_struct</c>). Changed under the mapping lock and the page-table lock together, so that either suffices to read
/// it.
/// </summary>
internal sealed class Area
{
    /// <summary>First byte.</summary>
    public ulong Start { get; set; }

    /// <summary>One past the last byte.</summary>
    public ulong End { get; set; }

    public Protection Protection { get; set; }

    public AreaFlags Flags { get; set; }

    /// <summary>
    /// The file; for shared anonymous memory the nameless one that all that share it have. Null for private anonymous memory.
    /// </summary>
    public SimulatedFile? File { get; init; }

    /// <summary>
    /// Page of the file, or for private anonymous memory the page number of the address where its pages were first touched.
    /// </summary>
    public ulong PageOffset { get; set; }

    /// <summary>Whether it may have anonymous pages (<c>anon_vma</c>); never taken back.</summary>
    public bool HasAnonymous { get; set; }

    /// <summary>Who brings its missing pages (userfaultfd); null: they are zeros.</summary>
    public MissingPageAnswer? Answer { get; set; }

    public ulong Last => End - 1;

    public bool IsShared => (Flags & AreaFlags.Shared) != 0;

    public bool IsHugeTlb => (Flags & AreaFlags.HugeTlb) != 0;

    /// <summary>Whether its pages are private anonymous ones of 4096 bytes, or transparent huge ones.</summary>
    public bool IsPlainAnonymous => File is null && !IsHugeTlb;

    public bool IsAccessible => Protection != Protection.None;

    public bool IsWritable => (Protection & Protection.Write) != 0;

    public AddressRange Range => new(Start, End - 1);

    public ulong PageOf(ulong address) => PageOffset + ((address - Start) / MirroredMemory.PageBytes);

    public Area Clone() => (Area)MemberwiseClone();

    /// <summary>Whether the other begins where this one ends and is of the same kind, so that the two are one.</summary>
    public bool JoinsWith(Area next) =>
        End == next.Start && Protection == next.Protection && Flags == next.Flags && File == next.File
        && Answer == next.Answer && PageOf(End) == next.PageOffset;

    public Mapping ToMapping() => new()
    {
        Range = Range,
        Protection = Protection,
        IsShared = IsShared,
        Backing = File is { IsNameless: false } ? MappingBacking.File : MappingBacking.Anonymous,
        FileOffset = File is { IsNameless: false } ? PageOffset * MirroredMemory.PageBytes : 0,
        PageOrder = IsHugeTlb ? PageTable.HugeOrder : (byte)0,
    };
}
