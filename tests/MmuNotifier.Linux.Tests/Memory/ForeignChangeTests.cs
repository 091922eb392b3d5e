using MmuNotifier.Hmm;
using MmuNotifier.Linux.Tests.Watch;

namespace MmuNotifier.Linux.Tests.Memory;

/// <summary>Changes by system calls that this library does not make.</summary>
[Collection(PageSharingGroup.Name)]
public sealed class ForeignChangeTests : IDisposable
{
    private const ulong Page = MirroredMemory.PageBytes;
    private const Protection ReadWrite = Protection.Read | Protection.Write;

    private readonly LinuxMemory _memory = new();
    private readonly EventRecorder _recorder = new();
    private readonly ulong _address;

    public ForeignChangeTests()
    {
        string? lack = _memory.WhyUnsupported(MemoryFeature.PrivateMigration);
        Assert.SkipUnless(lack is null, lack ?? "");
        Assert.Equal(Errno.None, _memory.Map(0, 8 * Page, ReadWrite, MapFlags.Private, out _address));
        Assert.Equal(Errno.None, _memory.Store(_address, new byte[8 * Page]));
        _memory.Space.Insert(_recorder);
    }

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void An_unmapping_is_heard_of()
    {
        Assert.Equal(0, Calls.Unmap(_address + Page, Page));
        Expect((InvalidationEvent.Unmap, AddressRange.FromLength(_address + Page, Page)));
        Assert.Equal(2, _memory.GetMappings().Count);
    }

    [Fact]
    public void Dropped_pages_are_heard_of()
    {
        Assert.Equal(0, Calls.Advise(_address, 2 * Page, Calls.DontNeed));
        Expect((InvalidationEvent.Clear, AddressRange.FromLength(_address, 2 * Page)));
    }

    [Fact]
    public void A_move_is_heard_of()
    {
        nint moved = Calls.Remap(_address, 8 * Page, 16 * Page, 1, 0);
        Assert.NotEqual(-1, moved);
        if ((ulong)moved != _address)
            Expect((InvalidationEvent.Unmap, AddressRange.FromLength(_address, 8 * Page)));
        _ = Calls.Unmap((ulong)moved, 16 * Page);
    }

    [Fact]
    public void A_mapping_put_over_is_heard_of()
    {
        Assert.Equal((nint)_address, Calls.Map((nint)_address, (nuint)Page, Calls.ReadWrite, Calls.PrivateAnonymous | Calls.Fixed, -1, 0));
        Expect((InvalidationEvent.Unmap, AddressRange.FromLength(_address, Page)));
        Assert.Equal(0, Calls.Unmap(_address, Page));
    }

    private void Expect(params (InvalidationEvent Event, AddressRange Range)[] expected)
    {
        Patience.Until(() => _recorder.Events.Count >= expected.Length, $"{expected.Length} events are heard of");
        _recorder.Remove(TestContext.Current.CancellationToken);

        // Linux reports a move twice: the move, and the end of the old place.
        Assert.Equal(expected, _recorder.Events.Distinct());
    }
}
