namespace MmuNotifier.Hmm.Drivers.Stress;

/// <summary>The memory that a run works on: pages of a private anonymous mapping, and above them those of a shared file.</summary>
internal sealed class StressArena : IDisposable
{
    public StressArena(VirtualMemory memory, int pages, int threads)
    {
        Memory = memory;
        Pages = pages;
        ulong length = 2 * (ulong)pages * MirroredMemory.PageBytes;
        Require(memory.Map(0, length, Protection.Read | Protection.Write, MapFlags.Private, out ulong start));
        Range = AddressRange.FromLength(start, length);
        File = memory.CreateFile(length / 2);
        Access = new PageAccess[2 * pages];
        Array.Fill(Access, PageAccess.Write);
        IsMapped = new bool[2 * pages];
        Array.Fill(IsMapped, true);
        Require(MapFile(pages, pages));
        Mover = memory.WhyUnsupported(MemoryFeature.PrivateMigration) is null ? new PageMover(this) : null;
        Oracle = new Oracle(Enumerable.Range(0, 2 * pages).Select(page => new OraclePage(AddressOf(page), PageAccess.Write)), threads);
    }

    public VirtualMemory Memory { get; }

    /// <summary>Pages of each of the two.</summary>
    public int Pages { get; }

    public AddressRange Range { get; }

    public MemoryFile File { get; }

    public Oracle Oracle { get; }

    /// <summary>Moves pages to a device; null where the memory cannot.</summary>
    public PageMover? Mover { get; }

    /// <summary>What each page permits now. Used only by the thread that changes.</summary>
    public PageAccess[] Access { get; }

    /// <summary>Whether each is mapped now, perhaps without permissions. Used only by the thread that changes.</summary>
    public bool[] IsMapped { get; }

    public ulong AddressOf(int page) => Range.Start + ((ulong)page * MirroredMemory.PageBytes);

    public int PageOf(ulong address) => (int)((address - Range.Start) / MirroredMemory.PageBytes);

    public bool IsOfFile(int page) => page >= Pages;

    public Errno MapAnonymous(int page, int count) =>
        Memory.Map(AddressOf(page), Bytes(count), Protection.Read | Protection.Write, MapFlags.Private | MapFlags.Fixed, out _);

    public Errno MapFile(int page, int count) => Memory.Map(
        AddressOf(page), Bytes(count), Protection.Read | Protection.Write, MapFlags.Shared | MapFlags.Fixed, out _, File, Bytes(
            page - Pages));

    public static ulong Bytes(int pages) => (ulong)pages * MirroredMemory.PageBytes;

    public static void Require(Errno error)
    {
        if (error != Errno.None)
            throw new InvalidOperationException($"The stress run could not change the address space: {error}.");
    }

    public void Dispose()
    {
        Memory.Unmap(Range.Start, Bytes(2 * Pages));
        File.Dispose();
        Mover?.Dispose();
    }
}
