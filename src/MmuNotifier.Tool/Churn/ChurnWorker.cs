using System.Globalization;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.IoUring;
using MmuNotifier.Linux;

namespace MmuNotifier.Tool.Churn;

/// <summary>
/// Changes regions of its own at random by plain system calls, and moves bytes between them and files by fixed buffers. Every byte that a
/// transfer moved, and every byte that the CPU has afterwards, is compared with a model. For one thread.
/// </summary>
internal sealed unsafe class ChurnWorker : IDisposable
{
    private const int Regions = 24;
    private const ulong Distance = 1 << 20;
    private const int SourceBytes = 1 << 20;
    private const int TransferBytes = ChurnRegion.Pages * ChurnRegion.PageBytes;

    private readonly Random _random;
    private readonly FixedRing _ring;
    private readonly CachedBuffers _buffers;
    private readonly SafeFileHandle _source;
    private readonly SafeFileHandle _sink;
    private readonly byte[] _sourceBytes = new byte[SourceBytes];
    private readonly byte[] _written = new byte[TransferBytes];
    private readonly ChurnRegion[] _regions;

    internal ChurnWorker(int seed, ulong firstAddress, FixedRing ring, CachedBuffers buffers)
    {
        _random = new Random(seed);
        _ring = ring;
        _buffers = buffers;
        _regions = [.. Enumerable.Range(0, Regions).Select(i => new ChurnRegion(firstAddress + ((ulong)i * Distance)))];
        _source = MakeFile();
        _sink = MakeFile();
        _random.NextBytes(_sourceBytes);
        fixed (byte* bytes = _sourceBytes)
            Syscall.WriteAt(_source, bytes, SourceBytes, 0);
    }

    /// <summary>Operations so far, of all kinds.</summary>
    internal long Operations { get; private set; }

    /// <summary>Transfers so far.</summary>
    internal long Transfers { get; private set; }

    internal long Hits => _buffers.Hits;

    /// <summary>Does one operation; null, or what was wrong.</summary>
    internal string? Step()
    {
        Operations++;
        ChurnRegion region = _regions[_random.Next(Regions)];
        int first = _random.Next(ChurnRegion.Pages);
        int count = 1 + _random.Next(ChurnRegion.Pages - first);
        if (_random.Next(3) == 0)
            (first, count) = (0, ChurnRegion.Pages);
        switch (_random.Next(20))
        {
            case 0 or 1:
                region.Map(first, count, isShared: _random.Next(4) == 0);
                return null;
            case 2:
                region.Map(0, ChurnRegion.Pages, isShared: false);
                return null;
            case 3:
                region.Unmap(first, count);
                return null;
            case 4:
                region.Unmap(0, ChurnRegion.Pages);
                return null;
            case 5:
                Move(region, _regions[_random.Next(Regions)]);
                return null;
        }

        return region.IsMapped(first, count) ? Use(region, first, count) : null;
    }

    public void Dispose()
    {
        foreach (ChurnRegion region in _regions)
            region.Unmap(0, ChurnRegion.Pages);
        _buffers.Dispose();
        _ring.Dispose();
        _source.Dispose();
        _sink.Dispose();
    }

    private static SafeFileHandle MakeFile() => Syscall.CreateMemoryFile("mmun-churn", out Errno error)
        ?? throw new InvalidOperationException($"No file in memory can be made ({error}).");

    private string? Use(ChurnRegion region, int first, int count)
    {
        switch (_random.Next(12))
        {
            case 0:
                // Also of shared memory: its pages stay in the file behind it, so it is filled at once.
                region.Advise(first, count, Hmm.Advice.DontNeed);
                Fill(region, first, count);
                return null;
            case 1:
                Fill(region, first, count);
                return null;
            case 2:
                return Compare(region, first, count, "the CPU's bytes");
            case < 8:
                return Read(region, first, count);
            default:
                return Write(region, first, count);
        }
    }

    private void Move(ChurnRegion from, ChurnRegion to)
    {
        if (from == to || !from.IsMapped(0, ChurnRegion.Pages))
            return;
        // One mapping, so that every kernel moves it.
        from.Map(0, ChurnRegion.Pages, isShared: false);
        Fill(from, 0, ChurnRegion.Pages);
        from.MoveTo(to);
    }

    private void Fill(ChurnRegion region, int first, int count)
    {
        Span<byte> model = region.Model(first, count);
        _random.NextBytes(model);
        model.CopyTo(region.Memory(first, count));
    }

    private string? Read(ChurnRegion region, int first, int count)
    {
        int length = count * ChurnRegion.PageBytes;
        int offset = _random.Next(SourceBytes - length);
        AddressRange range = region.RangeOf(first, count);
        int done = _buffers.Use(range, slot => _ring.Read(_source, (ulong)offset, slot, range.Start, (uint)length));
        Transfers++;
        if (done != length)
            return Describe(range, $"a fixed read moved {done} of {length} bytes");
        _sourceBytes.AsSpan(offset, length).CopyTo(region.Model(first, count));
        return Compare(region, first, count, "after a fixed read that reported success, the CPU's bytes");
    }

    private string? Write(ChurnRegion region, int first, int count)
    {
        int length = count * ChurnRegion.PageBytes;
        AddressRange range = region.RangeOf(first, count);
        int done = _buffers.Use(range, slot => _ring.Write(_sink, 0, slot, range.Start, (uint)length));
        Transfers++;
        if (done != length)
            return Describe(range, $"a fixed write moved {done} of {length} bytes");
        fixed (byte* bytes = _written)
            Syscall.ReadAt(_sink, bytes, (nuint)length, 0);
        int same = region.Model(first, count).CommonPrefixLength(_written.AsSpan(0, length));
        return same == length
            ? null
            : Describe(range, $"a fixed write that reported success wrote other bytes than are in memory, from byte {same} on");
    }

    private string? Compare(ChurnRegion region, int first, int count, string what)
    {
        Span<byte> model = region.Model(first, count);
        int same = model.CommonPrefixLength(region.Memory(first, count));
        return same == model.Length ? null : Describe(region.RangeOf(first, count), $"{what} differ from the model, from byte {same} on");
    }

    private string Describe(AddressRange range, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"operation {Operations}, {range}: {what}");
}
