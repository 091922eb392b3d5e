using MmuNotifier.Hmm;
using MmuNotifier.Linux.Native;
using MmuNotifier.Linux.Own;
using MmuNotifier.Linux.Userfaultfd;

namespace MmuNotifier.Linux.Tests.Own;

/// <summary>The self test of memory that a program registered with userfaultfd: only real memory has that.</summary>
public sealed unsafe class UserfaultfdMemoryTests
{
    private const ulong Page = MirroredMemory.PageBytes;
    private const int Pages = 8;
    private const int LimitMilliseconds = 30_000;

    [Fact]
    public void A_device_reads_what_the_program_answers_its_faults_with()
    {
        using UserfaultfdDescriptor? faults = UserfaultfdDescriptor.Create(userModeOnly: false, out Errno error);
        Assert.SkipUnless(faults is not null, $"no userfaultfd that answers faults of the kernel's copies ({error})");
        Assert.True(faults.Handshake(UserfaultfdFeatures.None).Succeeded);
        using var memory = new OwnMemory();
        using var device = new MirrorDevice(0);
        using MirrorDeviceFile file = device.Open(memory);
        var range = AddressRange.FromLength(Map(memory), Pages * Page);
        ulong buffer = Map(memory);
        Assert.True(faults.RegisterWithMissing(range.Start, range.Last).Succeeded);

        var block = new MirrorCommandBlock { Address = range.Start, UserAddress = buffer, Pages = Pages };
        Errno result = Errno.Interrupted;
        var reader = new Thread(() => result = file.Execute(MirrorCommand.Read, ref block, new UserMemory(memory))) { IsBackground = true };
        reader.Start();
        var answered = new HashSet<ulong>();
        while (answered.Count < Pages)
            answered.Add(AnswerFault(faults));
        Assert.True(reader.Join(LimitMilliseconds));

        Assert.Equal(Errno.None, result);
        Assert.Equal((ulong)Pages, block.PagesDone);
        byte[] read = new byte[Pages * Page];
        Assert.Equal(Errno.None, memory.Load(buffer, read));
        Assert.All(Enumerable.Range(0, Pages), page =>
            Assert.All(read[(page * (int)Page)..((page + 1) * (int)Page)], value => Assert.Equal(ByteOf(range.Start + ((ulong)page * Page)), value)));
    }

    private static ulong Map(OwnMemory memory)
    {
        Assert.Equal(Errno.None, memory.Map(0, Pages * Page, Protection.Read | Protection.Write, MapFlags.Private, out ulong address));
        return address;
    }

    private static byte ByteOf(ulong page) => (byte)(1 + (page / Page % 200));

    private static ulong AnswerFault(UserfaultfdDescriptor faults)
    {
        Span<PollEntry> entries = [new PollEntry { Descriptor = (int)faults.Handle.DangerousGetHandle(), Wanted = PollEvents.In }];
        Assert.Equal(1, DescriptorPoll.Wait(entries, LimitMilliseconds, out _));
        var events = new UserfaultEvent[1];
        Assert.Equal(1, faults.ReadEvents(events, out _));
        Assert.Equal(UserfaultEventKind.PageFault, events[0].Kind);
        ulong page = events[0].Start & ~(Page - 1);
        byte[] content = new byte[Page];
        Array.Fill(content, ByteOf(page));
        fixed (byte* source = content)
            Assert.True(faults.Copy(page, page + Page - 1, source).Succeeded);
        return page;
    }
}
