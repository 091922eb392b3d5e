using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux;

namespace MmuNotifier.IoUring.Tests;

/// <summary>A ring, a file of which each page is filled with its number plus one, and a watch if the test needs one.</summary>
public abstract class RingTest : IDisposable
{
    private protected const int FilePages = 16;

    private readonly string _path = Path.Combine(AppContext.BaseDirectory, $"mmun-iouring-{Guid.NewGuid()}");
    private LinuxMemoryWatch? _watch;

    private protected RingTest()
    {
        Ring = FixedRing.Create(out string? lack)!;
        Assert.SkipWhen(lack is not null, lack ?? "");
        byte[] bytes = new byte[FilePages * Buffer.PageBytes];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)((i / Buffer.PageBytes) + 1);
        System.IO.File.WriteAllBytes(_path, bytes);
        File = System.IO.File.OpenHandle(_path, FileMode.Open, FileAccess.ReadWrite);
    }

    private protected FixedRing Ring { get; }

    private protected SafeFileHandle File { get; }

    /// <summary>Skips the test where memory cannot be watched.</summary>
    private protected LinuxMemoryWatch Watch
    {
        get
        {
            _watch ??= new LinuxMemoryWatch(new AddressSpace());
            Assert.SkipWhen(_watch.Failure is not null, _watch.Failure ?? "");
            return _watch;
        }
    }

    public virtual void Dispose()
    {
        Ring?.Dispose();
        File?.Dispose();
        System.IO.File.Delete(_path);
        _watch?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A fixed read of one page of the file into the first page of a range; it must report success.</summary>
    private protected void ReadPage(int page, int slot, AddressRange range) => Assert.Equal(
        Buffer.PageBytes, Ring.Read(File, (ulong)(page * Buffer.PageBytes), slot, range.Start, Buffer.PageBytes));

    private protected static void AssertAll(byte expected, ReadOnlySpan<byte> bytes) => Assert.False(bytes.ContainsAnyExcept(expected));
}
