using static MmuNotifier.Registration.Tests.Real.MemoryCalls;

namespace MmuNotifier.Registration.Tests.Real;

/// <summary>A few pages of a kind, at an address that nobody else gets.</summary>
internal sealed unsafe class ChangedMemory : IDisposable
{
    private const int UnmapNumber = 11;
    private const int CloseNumber = 3;
    private readonly ulong _other;

    internal ChangedMemory(ChangeRow row)
    {
        Start = Reserve(4 * Pages);
        _other = Start + (3 * Pages * Page);
        switch (row.Kind)
        {
            case MemoryKind.SharedAnonymous:
                MapAt(Start, Pages, Shared | Anonymous);
                break;
            case MemoryKind.Memfd or MemoryKind.PrivateMemfd:
                File = MakeFile();
                MapAt(Start, Pages, row.Kind == MemoryKind.Memfd ? Shared : Private, File);
                break;
            case MemoryKind.Segment:
                AttachSegment(Start, mapsOver: false);
                break;
            default:
                MapAt(Start, Pages);
                break;
        }

        switch (row.Kind)
        {
            case MemoryKind.ZeroPage:
                ReadEach(Start, Pages);
                RequireOneFrame();
                break;
            case MemoryKind.PrivateMemfd:
                ReadEach(Start, Pages);
                break;
            case MemoryKind.Untouched:
                break;
            default:
                Touch(Start, Pages);
                break;
        }
    }

    internal ulong Pages { get; } = 4;

    internal ulong Start { get; }

    internal long At => (long)Start;

    internal long Bytes => (long)(Pages * Page);

    internal int File { get; } = -1;

    internal AddressRange Range => AddressRange.FromLength(Start, Pages * Page);

    /// <summary>As many touched pages elsewhere.</summary>
    internal long MapOther(int flags = Private | Anonymous, int file = -1)
    {
        MapAt(_other, Pages, flags, file);
        Touch(_other, Pages);
        return (long)_other;
    }

    internal void Advise(int advice, ulong firstPage = 0, ulong pages = 4)
    {
        const int adviseNumber = 28;
        Do(adviseNumber, At + (long)(firstPage * Page), (long)(pages * Page), advice);
    }

    internal void AdviseProcess(int advice)
    {
        const int openProcess = 434;
        const int adviseProcess = 440;
        int process = (int)Do(openProcess, Environment.ProcessId, 0);
        ulong* vector = stackalloc ulong[2] { Start, Pages * Page };
        Do(adviseProcess, process, (long)vector, 1, advice, 0);
        Do(CloseNumber, process);
    }

    internal void AttachSegment(ulong address, bool mapsOver)
    {
        const int remap = 0x4000;
        int segment = (int)Do(29, 0, Bytes, 0x3B6);
        try
        {
            Do(30, segment, (long)address, mapsOver ? remap : 0);
        }
        finally
        {
            Do(31, segment, 0, 0);
        }
    }

    public void Dispose()
    {
        Do(UnmapNumber, At, 4 * Bytes);
        if (File >= 0)
            Do(CloseNumber, File);
    }

    private void RequireOneFrame()
    {
        if (FramesOf(Start, Pages) is { } frames && frames.Distinct().Count() > 1)
            throw new NotSupportedException("this kernel has no page of zeros: it gives each page that is read a frame of its own");
    }

    private int MakeFile()
    {
        byte* name = stackalloc byte[2] { (byte)'m', 0 };
        int file = (int)Do(319, (long)name, 0);
        Do(77, file, 2 * Bytes);
        byte* content = stackalloc byte[1] { 1 };
        for (long offset = 0; offset < 2 * Bytes; offset += (long)Page)
            Do(18, file, (long)content, 1, offset);
        return file;
    }
}
