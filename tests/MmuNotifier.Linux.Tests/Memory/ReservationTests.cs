using MmuNotifier.Hmm;

namespace MmuNotifier.Linux.Tests.Memory;

[Collection(PageSharingGroup.Name)]
public sealed class ReservationTests : IDisposable
{
    private const ulong Page = MirroredMemory.PageBytes;
    private const Protection ReadWrite = Protection.Read | Protection.Write;

    private readonly LinuxMemory _memory = new(reserveUnmappedRanges: true);
    private readonly ulong _at;

    public ReservationTests() => Assert.Equal(Errno.None, _memory.Map(0, 8 * Page, ReadWrite, MapFlags.Private, out _at));

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void Nobody_else_gets_what_was_unmapped_before_the_end()
    {
        Assert.Equal(Errno.None, _memory.Unmap(_at, 8 * Page));
        Assert.Equal(Errno.Exists, MapByAnother());
        _memory.Dispose();
        Assert.Equal(Errno.None, MapByAnother());
    }

    [Fact]
    public void Nobody_else_gets_what_was_moved_away()
    {
        _memory.Store(_at, [5]);
        Assert.Equal(
            Errno.None, _memory.Remap(_at, Page, Page, RemapFlags.MayMove | RemapFlags.Fixed, out _, _at + (4 * Page)));
        byte[] read = new byte[1];
        Assert.Equal(Errno.None, _memory.Load(_at + (4 * Page), read));
        Assert.Equal(5, read[0]);
        Assert.Equal(Errno.BadAddress, _memory.Load(_at, read));
        Assert.Equal(Errno.Exists, MapByAnother());
        Assert.Equal(_at + Page, _memory.GetMappings()[0].Range.Start);
        Assert.Equal(
            Errno.BadAddress, _memory.Remap(_at, Page, Page, RemapFlags.MayMove | RemapFlags.Fixed, out _, _at + (5 * Page)));
    }

    [Fact]
    public void What_is_kept_is_a_hole_to_every_call()
    {
        Assert.Equal(Errno.None, _memory.Unmap(_at + Page, 2 * Page));
        Assert.Equal(
            [AddressRange.FromLength(_at, Page), AddressRange.FromLength(_at + (3 * Page), 5 * Page)],
            _memory.GetMappings().Select(mapping => mapping.Range));
        Assert.Equal(Errno.BadAddress, _memory.Load(_at + Page, new byte[1]));
        Assert.Equal(Errno.BadAddress, _memory.FaultIn(_at + Page, isWrite: false));
        Assert.Equal(Errno.NoMemory, _memory.Advise(_at, 4 * Page, Advice.DontNeed));
        Assert.Equal(Errno.NoMemory, _memory.Protect(_at, 4 * Page, Protection.Read));
        Assert.Equal(Errno.BadAddress, _memory.Store(_at, [1]));
        Assert.Equal(Errno.None, _memory.Store(_at + (3 * Page), [1]));
        Assert.Equal(Errno.None, _memory.Unmap(_at, 8 * Page));
        Assert.Empty(_memory.GetMappings());
    }

    [Fact]
    public void What_is_kept_can_be_mapped_again_and_is_zeros()
    {
        _memory.Store(_at, [5]);
        Assert.Equal(Errno.None, _memory.Unmap(_at, Page));
        Assert.Equal(Errno.None, _memory.Map(_at, Page, ReadWrite, MapFlags.Private | MapFlags.Fixed, out _));
        byte[] read = [1];
        Assert.Equal(Errno.None, _memory.Load(_at, read));
        Assert.Equal(0, read[0]);
    }

    [Fact]
    public void No_length_changes_by_remapping() =>
        Assert.Equal(Errno.NotSupported, _memory.Remap(_at, Page, 2 * Page, RemapFlags.MayMove, out _));

    private Errno MapByAnother()
    {
        using var other = new LinuxMemory();
        return other.Map(_at, Page, ReadWrite, MapFlags.Private | MapFlags.FixedNoReplace, out _);
    }
}
