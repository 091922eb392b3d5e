using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation.Tests;

public sealed class RemappingTests : IDisposable
{
    private const ulong Page = 4096;
    private const ulong At = 0x4000_0000_0000;
    private const ulong To = 0x5000_0000_0000;
    private const RemapFlags Fixed = RemapFlags.MayMove | RemapFlags.Fixed;

    private readonly SimulatedMemory _memory = new();
    private readonly EventRecorder _recorder;

    public RemappingTests()
    {
        _memory.MapPages(4, MapFlags.Private | MapFlags.Fixed, at: At);
        for (ulong i = 0; i < 4; i++)
            _memory.Write(At + (i * Page), (byte)(i + 1));
        _recorder = new EventRecorder(_memory.Space);
    }

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void Shrinks_in_place()
    {
        Assert.Equal(Errno.None, _memory.Remap(At, 4 * Page, Page, RemapFlags.None, out ulong mapped));
        Assert.Equal(At, mapped);
        Assert.Equal(["Unmap 1+3"], _recorder.Take(At));
        Assert.Equal(["0+1 Read, Write"], _memory.Layout(At));
    }

    [Fact]
    public void Grows_in_place_without_an_event()
    {
        Assert.Equal(Errno.None, _memory.Remap(At, 4 * Page, 6 * Page, RemapFlags.None, out ulong mapped));
        Assert.Equal(At, mapped);
        Assert.Empty(_recorder.Take(At));
        Assert.Equal(["0+6 Read, Write"], _memory.Layout(At));
    }

    [Fact]
    public void Moves_when_it_cannot_grow()
    {
        Assert.Equal(Errno.NoMemory, _memory.Remap(At, Page, 2 * Page, RemapFlags.None, out _));
        Assert.Equal(Errno.None, _memory.Remap(At, 2 * Page, 3 * Page, RemapFlags.MayMove, out ulong mapped));
        Assert.Equal(["Unmap 0+2"], _recorder.Take(At));
        Assert.Equal(2, _memory.Read(mapped + Page));
        Assert.Equal(0, _memory.Read(mapped + (2 * Page)));
        Assert.Equal(Errno.BadAddress, _memory.TryRead(At));
        Assert.Equal(3, _memory.Read(At + (2 * Page)));
    }

    [Fact]
    public void Moves_to_a_place_and_replaces_what_is_there()
    {
        _memory.MapPages(2, MapFlags.Private | MapFlags.Fixed, at: To);
        _memory.Write(To, 9);
        Assert.Equal(Errno.None, _memory.Remap(At + Page, 2 * Page, 2 * Page, Fixed, out ulong mapped, To));
        Assert.Equal(To, mapped);
        ulong distance = (To - At) / Page;
        Assert.Equal([$"Unmap {distance}+2", "Unmap 1+2"], _recorder.Take(At));
        Assert.Equal(2, _memory.Read(To));
        Assert.Equal(["0+1 Read, Write", "3+1 Read, Write", $"{distance}+2 Read, Write"], _memory.Layout(At));
    }

    [Fact]
    public void Dont_unmap_leaves_an_empty_mapping()
    {
        Assert.Equal(Errno.None, _memory.Remap(At, 4 * Page, 4 * Page, RemapFlags.MayMove | RemapFlags.DontUnmap, out ulong mapped));
        Assert.Equal(1, _memory.Read(mapped));
        Assert.Equal(0, _memory.Read(At));
        Assert.Equal(2, _memory.GetMappings().Count);
    }

    [Fact]
    public void Several_mappings_move_together_with_their_gap()
    {
        _memory.Unmap(At + Page, Page);
        _memory.Protect(At + (2 * Page), Page, Protection.Read);
        Assert.Equal(Errno.None, _memory.Remap(At, 4 * Page, 4 * Page, Fixed, out _, To));
        Assert.Equal(["0+1 Read, Write", "2+1 Read", "3+1 Read, Write"], _memory.Layout(To));
        Assert.Equal(3, _memory.Read(To + (2 * Page)));
    }

    [Fact]
    public void Length_zero_maps_shared_memory_twice()
    {
        ulong shared = _memory.MapPages(1, MapFlags.Shared);
        _memory.Write(shared, 5);
        Assert.Equal(Errno.None, _memory.Remap(shared, 0, Page, RemapFlags.MayMove, out ulong second));
        Assert.Equal(5, _memory.Read(second));
        _memory.Write(second, 6);
        Assert.Equal(6, _memory.Read(shared));
        Assert.Equal(Errno.InvalidArgument, _memory.Remap(At, 0, Page, RemapFlags.MayMove, out _));
    }

    [Theory]
    [InlineData(At + 1, Page, Page, RemapFlags.MayMove, 0, Errno.InvalidArgument)]
    [InlineData(At, Page, 0, RemapFlags.MayMove, 0, Errno.InvalidArgument)]
    [InlineData(At, Page, Page, RemapFlags.Fixed, To, Errno.InvalidArgument)]
    [InlineData(At, Page, Page, Fixed, To + 1, Errno.InvalidArgument)]
    [InlineData(At, 2 * Page, 2 * Page, Fixed, At + Page, Errno.InvalidArgument)]
    [InlineData(At, Page, 2 * Page, RemapFlags.MayMove | RemapFlags.DontUnmap, 0, Errno.InvalidArgument)]
    [InlineData(At, Page, Page, (RemapFlags)64, 0, Errno.InvalidArgument)]
    [InlineData(To, Page, 2 * Page, RemapFlags.MayMove, 0, Errno.BadAddress)]
    [InlineData(At, 5 * Page, 6 * Page, RemapFlags.MayMove, 0, Errno.BadAddress)]
    public void Refuses_as_mremap_does(ulong address, ulong length, ulong newLength, RemapFlags flags, ulong newAddress, Errno expected)
    {
        Assert.Equal(expected, _memory.Remap(address, length, newLength, flags, out ulong mapped, newAddress));
        Assert.Equal(0UL, mapped);
        Assert.Empty(_recorder.Take(At));
    }
}
