using MmuNotifier.Hmm;

namespace MmuNotifier.MemoryContract;

/// <summary>Missing pages that a program brings (userfaultfd).</summary>
public abstract class AnsweringContract : ContractTests
{
    private readonly ulong _at;
    private int _answers;

    protected AnsweringContract(VirtualMemory memory, bool announcesOnlyChanges)
        : base(memory, announcesOnlyChanges)
    {
        Need(MemoryFeature.Userfaultfd);
        _at = Memory.MapPages(4);
        Memory.Write(_at, 9);
    }

    [Fact]
    public void Who_touches_a_missing_page_finds_the_answer()
    {
        Assert.Equal(Errno.None, Memory.AnswerMissing(_at, 4 * Page, Answer));
        Assert.Equal(9, Memory.Read(_at));
        Assert.Equal(2, Memory.Read(_at + Page));
        Assert.Equal(Errno.None, Memory.Write(_at + (2 * Page) + 1, 7));
        Assert.Equal(3, Memory.Read(_at + (2 * Page)));
        Assert.Equal(Errno.None, Memory.FaultIn(_at + (3 * Page), isWrite: false));
        byte[] read = new byte[1];
        Assert.Equal(Errno.None, Memory.ReadFrame(Memory.PageOf(_at + (3 * Page)).Frame, 5, read));
        Assert.Equal(4, read[0]);
        Assert.Equal(3, _answers);
    }

    [Fact]
    public void A_page_that_was_dropped_is_missing_again()
    {
        Assert.Equal(Errno.None, Memory.AnswerMissing(_at, 4 * Page, Answer));
        Assert.Equal(Errno.None, Memory.Advise(_at, Page, Advice.DontNeed));
        Assert.Equal(1, Memory.Read(_at));
        Memory.Unmap(_at, Page);
        Assert.Equal(Errno.BadAddress, Memory.TryRead(_at));
        Memory.MapPages(1, MapFlags.Private | MapFlags.Fixed, at: _at);
        Assert.Equal(0, Memory.Read(_at));
    }

    [Fact]
    public void Neither_a_child_nor_a_moved_mapping_has_answers()
    {
        Need(MemoryFeature.Fork);
        Assert.Equal(Errno.None, Memory.AnswerMissing(_at, 4 * Page, Answer));
        using VirtualMemory child = Memory.Fork();
        Assert.Equal(9, child.Read(_at));
        Assert.Equal(0, child.Read(_at + Page));
        Assert.Equal(Errno.None, Memory.Remap(_at, 4 * Page, 4 * Page, RemapFlags.MayMove | RemapFlags.Fixed, out ulong moved, To));
        Assert.Equal(0, Memory.Read(moved + Page));
        Assert.Equal(0, _answers);
    }

    [Fact]
    public void Missing_pages_do_not_migrate()
    {
        using var device = new DeviceMemory(DeviceMemoryKind.Private, new object(), 8);
        Assert.Equal(Errno.None, Memory.AnswerMissing(_at, 4 * Page, Answer));
        Memory.MoveTo(device, _at + Page, 3);
        Assert.Equal(8, device.FreePages);
        Assert.Equal(2, Memory.Read(_at + Page));
    }

    [Fact]
    public void Refuses_what_is_not_one_private_anonymous_mapping()
    {
        ulong shared = Memory.MapPages(1, MapFlags.Shared);
        using MemoryFile file = Memory.CreateFile(Page);
        ulong mapped = Memory.MapPages(1, file: file);
        Assert.Equal(Errno.InvalidArgument, Memory.AnswerMissing(shared, Page, Answer));
        Assert.Equal(Errno.InvalidArgument, Memory.AnswerMissing(mapped, Page, Answer));
        Assert.Equal(Errno.InvalidArgument, Memory.AnswerMissing(_at + 1, Page, Answer));
        Assert.Equal(Errno.InvalidArgument, Memory.AnswerMissing(_at, 0, Answer));
        Assert.Equal(Errno.InvalidArgument, Memory.AnswerMissing(At, Page, Answer));
        Assert.Equal(Errno.None, Memory.AnswerMissing(_at, 4 * Page, Answer));
        Assert.Equal(Errno.Busy, Memory.AnswerMissing(_at, Page, Answer));
    }

    private void Answer(ulong address, Span<byte> page)
    {
        page.Fill((byte)(((address - _at) / Page) + 1));
        Interlocked.Increment(ref _answers);
    }
}
