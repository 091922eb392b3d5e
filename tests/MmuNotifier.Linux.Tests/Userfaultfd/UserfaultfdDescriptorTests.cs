namespace MmuNotifier.Linux.Tests.Userfaultfd;

public sealed unsafe class UserfaultfdDescriptorTests
{
    private const ulong Page = 4096;

    [Fact]
    public void Handshake_reports_features_the_kernel_lacks_and_works_without_them()
    {
        const UserfaultfdFeatures unknown = (UserfaultfdFeatures)(1UL << 60);
        using UserfaultfdDescriptor own = Own();
        HandshakeResult result = own.Handshake(UserfaultfdFeatures.EventUnmap | unknown);
        Assert.Equal(new HandshakeResult(Errno.None, UserfaultfdFeatures.EventUnmap, unknown, false), result);
    }

    [Fact]
    public void Without_privilege_everything_but_fork_events_is_granted()
    {
        using UserfaultfdDescriptor own = Own();
        HandshakeResult result = own.Handshake(UserfaultfdFeatures.EventFork | UserfaultfdFeatures.EventUnmap);
        Assert.True(result.Succeeded);
        Assert.Equal(!Environment.IsPrivilegedProcess, result.ForkDenied);
        Assert.Equal(result.ForkDenied, (result.Granted & UserfaultfdFeatures.EventFork) == 0);
        Assert.Equal(UserfaultfdFeatures.None, result.Unsupported);
    }

    [Fact]
    public void Second_handshake_is_an_error()
    {
        using UserfaultfdDescriptor own = Own();
        Assert.True(own.Handshake(UserfaultfdFeatures.EventUnmap).Succeeded);
        Assert.Equal(Errno.InvalidArgument, own.Handshake(UserfaultfdFeatures.EventUnmap).Error);
    }

    [Fact]
    public void Refused_registrations_tell_why()
    {
        using UserfaultfdDescriptor own = OwnWatching();
        using var memory = new NativeMemory(4);
        using UserfaultfdDescriptor other = OwnWatching();
        Assert.Equal(UserfaultfdStatus.Done, other.Register(memory.Start, memory.Last).Status);
        Assert.Equal(UserfaultfdStatus.TakenByAnother, own.Register(memory.Start, memory.Last).Status);
        Assert.Equal(UserfaultfdStatus.Done, other.Unregister(memory.Start, memory.Last).Status);
        Assert.Equal(UserfaultfdStatus.Done, own.Register(memory.Start, memory.Last).Status);
        Assert.Equal(UserfaultfdStatus.NotWatchable, own.Register(memory.Start + 1, memory.Last).Status);
    }

    [Fact]
    public void Shared_file_open_for_reading_is_told_as_such()
    {
        using UserfaultfdDescriptor own = OwnWatching();
        using FileStream file = File.OpenRead(typeof(UserfaultfdDescriptorTests).Assembly.Location);
        using var memory = new NativeMemory(1, flags: 1, (int)file.SafeFileHandle.DangerousGetHandle(), protection: 1);
        Assert.Equal(UserfaultfdStatus.ReadOnlyShared, own.Register(memory.Start, memory.Last).Status);
    }

    [Fact]
    public void Droppable_memory_cannot_be_watched()
    {
        using UserfaultfdDescriptor own = OwnWatching();
        using var memory = new NativeMemory(1, flags: 0x28);
        Assert.SkipUnless(memory.Exists, "no MAP_DROPPABLE in this kernel");
        Assert.Equal(UserfaultfdStatus.NotWatchable, own.Register(memory.Start, memory.Last).Status);
    }

    [Fact]
    public void Protecting_what_is_not_registered_is_told()
    {
        using UserfaultfdDescriptor own = OwnWatching();
        using var memory = new NativeMemory(2);
        Assert.Equal(UserfaultfdStatus.NotRegistered, own.WriteProtect(memory.Start, memory.Last, protect: true).Status);
        own.Register(memory.Start, memory.Last);
        Assert.True(own.WriteProtect(memory.Start, memory.Last, protect: true).Succeeded);
        Assert.True(own.Wake(memory.Start, memory.Last).Succeeded);
        Assert.True(own.IsTargetAlive());
    }

    [Fact]
    public void No_event_is_no_error_but_again()
    {
        using UserfaultfdDescriptor own = OwnWatching();
        Assert.Equal(0, own.ReadEvents(new UserfaultEvent[4], out Errno error));
        Assert.Equal(Errno.Again, error);
    }

    [Fact]
    public void Unmap_event_releases_the_caller_when_read()
    {
        using WatchedChild watched = WatchedChild.Start();
        ulong start = watched.Child.Address("anon(65536)");
        watched.Register(start, 16);
        watched.Child.Begin($"munmap({start + Page}, 8192)");
        UserfaultEvent[] events = watched.Events();
        Assert.Equal([new UserfaultEvent(UserfaultEventKind.Unmap, start + Page, start + (3 * Page) - 1, 0)], events);
        Assert.Equal(0, watched.Child.End());
    }

    [Fact]
    public void While_an_event_waits_changes_are_refused()
    {
        using WatchedChild watched = WatchedChild.Start();
        ulong start = watched.Child.Address("anon(65536)");
        watched.Register(start, 16);
        watched.Child.Begin($"munmap({start}, 4096)");
        var entry = new PollEntry { Descriptor = (int)watched.Userfaultfd.Handle.DangerousGetHandle(), Wanted = PollEvents.In };
        Assert.Equal(1, DescriptorPoll.Wait(new Span<PollEntry>(ref entry), Patience.Milliseconds, out _));
        UserfaultfdResult result = watched.Userfaultfd.WriteProtect(start + Page, start + (2 * Page) - 1, protect: true);
        Assert.Equal(UserfaultfdStatus.EventPending, result.Status);
        watched.Events();
        Assert.Equal(0, watched.Child.End());
    }

    [Fact]
    public void Moving_tells_both_places_and_the_new_one_stays_registered()
    {
        using WatchedChild watched = WatchedChild.Start();
        ulong start = watched.Child.Address("anon(16384)");
        watched.Child.Call($"fill({start}, 1, 16384)");
        ulong target = watched.Child.Address("anon(16384)");
        watched.Register(start, 4);
        // MREMAP_MAYMOVE|MREMAP_FIXED takes a fifth argument.
        watched.Child.Begin($"libc.syscall(25, {start}, 16384, 16384, 3, {target}, 0)");
        var all = new List<UserfaultEvent>();
        while (!all.Exists(e => e.Kind == UserfaultEventKind.Unmap))
            all.AddRange(watched.Events());
        Assert.Equal(
            [new(UserfaultEventKind.Remap, start, start + 16383, target), new(UserfaultEventKind.Unmap, start, start + 16383, 0)],
            all);
        Assert.Equal((long)target, watched.Child.End());
        Assert.True(watched.Userfaultfd.WriteProtect(target, target + 16383, protect: true).Succeeded);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    public void Dropping_pages_is_told(int advice)
    {
        using WatchedChild watched = WatchedChild.Start();
        ulong start = watched.Child.Address("anon(16384)");
        watched.Child.Call($"fill({start}, 1, 16384)");
        watched.Register(start, 4);
        watched.Child.Begin($"madvise({start}, 8192, {advice})");
        Assert.Equal([new(UserfaultEventKind.Remove, start, start + 8191, 0)], watched.Events());
        Assert.Equal(0, watched.Child.End());
    }

    [Fact]
    public void After_the_event_of_a_removal_a_scan_tells_when_the_pages_have_gone()
    {
        const int bytes = 32 << 20;
        using WatchedChild watched = WatchedChild.Start();
        using PageMap pages = PageMap.Open(watched.Child.ProcessId, out _)!;
        ulong start = watched.Child.Address($"anon({bytes})");
        watched.Register(start, bytes / 4096);
        var written = new List<PageRegion>();
        for (int round = 0; round < 10; round++)
        {
            watched.Child.Call($"fill({start}, {round + 1}, {bytes})");
            Assert.Equal(PageMapStatus.Complete, pages.ScanWritten(start, start + bytes - 1, arm: true, written));
            watched.Child.Begin($"madvise({start}, {bytes}, 4)");
            Assert.Equal(UserfaultEventKind.Remove, Assert.Single(watched.Events()).Kind);
            Assert.True(SpinWait.SpinUntil(() => NoneLeft(pages, start, start + bytes - 1), Patience.Limit));
            // All was present and armed, so that none is left means that the whole removal is done.
            byte value = 99;
            var here = new IoVector((ulong)&value, 1);
            var there = new IoVector(start + bytes - 1, 1);
            Syscall.ReadProcess(watched.Child.ProcessId, &here, 1, &there, 1);
            Assert.Equal(0, value);
            Assert.Equal(0, watched.Child.End());
        }
    }

    [Fact]
    public void Fork_hands_over_a_descriptor_that_watches_the_child()
    {
        using WatchedChild watched = WatchedChild.Start();
        Assert.SkipUnless(watched.HearsOfForks, "fork events need CAP_SYS_PTRACE");
        ulong start = watched.Child.Address("anon(16384)");
        watched.Child.Call($"fill({start}, 1, 16384)");
        watched.Register(start, 4);
        watched.Child.Begin("fork_waiting()");
        UserfaultEvent forked = Assert.Single(watched.Events());
        Assert.Equal(UserfaultEventKind.Fork, forked.Kind);
        int grandchild = (int)watched.Child.End();
        using var descriptor = UserfaultfdDescriptor.OfChild(in forked);
        Assert.True(descriptor.WriteProtect(start, start + 16383, protect: true).Succeeded);
        watched.Child.Begin($"kill({grandchild})");
        Assert.Equal(grandchild, watched.Child.End());
        Assert.False(descriptor.IsTargetAlive());
        Assert.True(watched.Userfaultfd.IsTargetAlive());
    }

    [Fact]
    public void Exit_and_exec_make_every_call_answer_gone()
    {
        using WatchedChild watched = WatchedChild.Start();
        ulong start = watched.Child.Address("anon(16384)");
        watched.Register(start, 4);
        watched.Child.Begin("execute()");
        Assert.True(SpinWait.SpinUntil(() => !watched.Userfaultfd.IsTargetAlive(), Patience.Limit));
        Assert.Equal(UserfaultfdStatus.ProcessGone, watched.Userfaultfd.Register(start, start + 16383).Status);
        Assert.Equal(UserfaultfdStatus.ProcessGone, watched.Userfaultfd.Unregister(start, start + 16383).Status);
        Assert.Equal(UserfaultfdStatus.ProcessGone, watched.Userfaultfd.WriteProtect(start, start + 16383, protect: true).Status);
    }

    [Fact]
    public void Closing_releases_a_child_that_waits_for_its_event()
    {
        using WatchedChild watched = WatchedChild.Start();
        ulong start = watched.Child.Address("anon(16384)");
        watched.Register(start, 4);
        watched.Child.Begin($"munmap({start}, 16384)");
        var entry = new PollEntry { Descriptor = (int)watched.Userfaultfd.Handle.DangerousGetHandle(), Wanted = PollEvents.In };
        Assert.Equal(1, DescriptorPoll.Wait(new Span<PollEntry>(ref entry), Patience.Milliseconds, out _));
        watched.Userfaultfd.Dispose();
        Assert.Equal(0, watched.Child.End());
    }

    [Fact]
    public void Poll_ends_when_the_time_is_over()
    {
        using UserfaultfdDescriptor own = OwnWatching();
        var entry = new PollEntry { Descriptor = (int)own.Handle.DangerousGetHandle(), Wanted = PollEvents.In };
        Assert.Equal(0, DescriptorPoll.Wait(new Span<PollEntry>(ref entry), 20, out Errno error));
        Assert.Equal(Errno.None, error);
    }

    private static bool NoneLeft(PageMap pages, ulong start, ulong last) =>
        pages.AnyStillProtected(start, last, DropBehaviour.Anonymous, out ProtectionState state) == PageMapStatus.Complete
        && state == ProtectionState.NoneLeft;

    // Without events, so that no call of this process waits for this process to read them.
    private static UserfaultfdDescriptor OwnWatching() => OwnUserfaultfd.Asynchronous();

    private static UserfaultfdDescriptor Own()
    {
        UserfaultfdDescriptor? own = UserfaultfdDescriptor.Create(userModeOnly: true, out Errno error);
        Assert.SkipUnless(own is not null, $"no userfaultfd ({error})");
        return own!;
    }
}
