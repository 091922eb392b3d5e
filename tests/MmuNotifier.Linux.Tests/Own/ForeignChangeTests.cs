using System.Runtime.InteropServices;
using MmuNotifier.Hmm;
using MmuNotifier.Linux.Own;

namespace MmuNotifier.Linux.Tests.Own;

/// <summary>Changes by system calls that this library does not make.</summary>
public sealed partial class ForeignChangeTests : IDisposable
{
    private const ulong Page = MirroredMemory.PageBytes;
    private const Protection ReadWrite = Protection.Read | Protection.Write;

    private readonly OwnMemory _memory = new();
    private readonly EventRecorder _recorder = new();
    private readonly ulong _address;

    public ForeignChangeTests()
    {
        string? lack = _memory.DescribeLack(MemoryFeature.PrivateMigration);
        Assert.SkipUnless(lack is null, lack ?? "");
        Assert.Equal(Errno.None, _memory.Map(0, 8 * Page, ReadWrite, MapFlags.Private, out _address));
        Assert.Equal(Errno.None, _memory.Store(_address, new byte[8 * Page]));
        _memory.Space.Insert(_recorder);
    }

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void An_unmapping_is_heard_of()
    {
        Assert.Equal(0, Unmap(_address + Page, (nuint)Page));
        Expect((InvalidationEvent.Unmap, AddressRange.FromLength(_address + Page, Page)));
        Assert.Equal(2, _memory.GetMappings().Count);
    }

    [Fact]
    public void Dropped_pages_are_heard_of()
    {
        Assert.Equal(0, Advise(_address, (nuint)(2 * Page), 4));
        Expect((InvalidationEvent.Clear, AddressRange.FromLength(_address, 2 * Page)));
    }

    [Fact]
    public void A_move_is_heard_of()
    {
        nint moved = Remap(_address, (nuint)(8 * Page), (nuint)(16 * Page), 1, 0);
        Assert.NotEqual(-1, moved);
        if ((ulong)moved != _address)
            Expect((InvalidationEvent.Unmap, AddressRange.FromLength(_address, 8 * Page)));
        _ = Unmap((ulong)moved, (nuint)(16 * Page));
    }

    [Fact]
    public void A_mapping_put_over_is_heard_of()
    {
        Assert.Equal((nint)_address, MapAt(_address, (nuint)Page, 3, 0x32, -1, 0));
        Expect((InvalidationEvent.Unmap, AddressRange.FromLength(_address, Page)));
        Assert.Equal(0, Unmap(_address, (nuint)Page));
    }

    private void Expect(params (InvalidationEvent Event, AddressRange Range)[] expected)
    {
        for (int i = 0; i < 1000 && _recorder.Events.Count < expected.Length; i++)
            Thread.Sleep(10);
        _recorder.Remove(TestContext.Current.CancellationToken);
        Assert.Equal(expected, _recorder.Events);
    }

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(ulong address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(ulong address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "mremap")]
    private static partial nint Remap(ulong address, nuint length, nuint newLength, int flags, ulong newAddress);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint MapAt(ulong address, nuint length, int protection, int flags, int file, long offset);
}
