using System.IO.Hashing;

namespace MmuNotifier.Processes.Mirroring;

/// <summary>
/// What the device keeps of each page: all of its bytes, or their hash (XXH128 with a random seed), which is 256 times smaller. Guarded by
/// the device's lock.
/// </summary>
/// <param name="keepsBytes">Whether whole pages are kept.</param>
internal sealed class PageCopies(bool keepsBytes) : IDisposable
{
    internal const int PageBytes = 4096;
    private const int HashBytes = 16;

    private readonly FrameStore _frames = new(keepsBytes ? PageBytes : HashBytes);

    /// <summary>So that no program can be written whose pages have equal hashes in every run.</summary>
    private readonly long _seed = Random.Shared.NextInt64();

    internal FrameStore Frames => _frames;

    /// <summary>Keeps a page; the frame that has it.</summary>
    internal int Keep(ReadOnlySpan<byte> page)
    {
        int frame = _frames.Allocate();
        if (keepsBytes)
            page.CopyTo(_frames.Bytes(frame));
        else
            XxHash128.Hash(page, _frames.Bytes(frame), _seed);
        return frame;
    }

    /// <summary>Whether the page that a frame has is equal to another; by hash, if only that is kept.</summary>
    internal bool Matches(int frame, ReadOnlySpan<byte> page)
    {
        if (keepsBytes)
            return page.SequenceEqual(_frames.Bytes(frame));
        Span<byte> hash = stackalloc byte[HashBytes];
        XxHash128.Hash(page, hash, _seed);
        return hash.SequenceEqual(_frames.Bytes(frame));
    }

    public void Dispose() => _frames.Dispose();
}
