using MmuNotifier.Linux;

namespace MmuNotifier.Tool.Churn;

/// <summary>A place for some pages, what is mapped of it, and the model of its bytes.</summary>
internal sealed unsafe class ChurnRegion(ulong address)
{
    internal const int Pages = 16;
    internal const int PageBytes = 4096;

    private const int MapAnonymousPrivate = 0x22;
    private const int MapAnonymousShared = 0x21;
    private const int MapFixed = 0x10;
    private const int ReadWrite = 3;
    private const int RemapFixedMayMove = 3;

    private readonly byte[] _model = new byte[Pages * PageBytes];
    private readonly bool[] _isMapped = new bool[Pages];

    internal bool IsMapped(int first, int count) => !_isMapped.AsSpan(first, count).Contains(false);

    internal bool IsEmpty => !_isMapped.Contains(true);

    internal AddressRange RangeOf(int first, int count) => AddressRange.FromLength(AddressOf(first), (ulong)(count * PageBytes));

    /// <summary>What the bytes must be; write here too what is written to them.</summary>
    internal Span<byte> Model(int first, int count) => _model.AsSpan(first * PageBytes, count * PageBytes);

    /// <summary>The bytes themselves; mapped pages only.</summary>
    internal Span<byte> Memory(int first, int count) => new((void*)AddressOf(first), count * PageBytes);

    internal void Map(int first, int count, bool isShared)
    {
        int flags = (isShared ? MapAnonymousShared : MapAnonymousPrivate) | MapFixed;
        Require(Syscall.ErrorOf(Syscall.MapAnonymous(AddressOf(first), (ulong)(count * PageBytes), ReadWrite, flags, 0)));
        _isMapped.AsSpan(first, count).Fill(true);
        Model(first, count).Clear();
    }

    internal void Unmap(int first, int count)
    {
        Require(Syscall.Unmap(AddressOf(first), (ulong)(count * PageBytes)));
        _isMapped.AsSpan(first, count).Clear();
    }

    /// <summary>madvise; the caller says in the model what it does.</summary>
    internal void Advise(int first, int count, Hmm.Advice advice) =>
        Require(Syscall.Advise(AddressOf(first), (ulong)(count * PageBytes), (int)advice));

    /// <summary>
    /// Moves all pages to another region, of which nothing may be left that is not mapped over. All pages of this one must be mapped alike.
    /// </summary>
    internal void MoveTo(ChurnRegion other)
    {
        const ulong length = Pages * PageBytes;
        Require(Syscall.ErrorOf(Syscall.Remap(AddressOf(0), length, length, RemapFixedMayMove, other.AddressOf(0))));
        _model.CopyTo(other._model, 0);
        _isMapped.CopyTo(other._isMapped, 0);
        Array.Clear(_isMapped);
    }

    private ulong AddressOf(int page) => address + ((ulong)page * PageBytes);

    private static void Require(Errno error)
    {
        if (error != Errno.None)
            throw new InvalidOperationException($"The memory cannot be changed ({error}).");
    }
}
