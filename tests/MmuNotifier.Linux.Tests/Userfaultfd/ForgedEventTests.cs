using MmuNotifier.Linux.Handler;
using MmuNotifier.Linux.Proc;
using MmuNotifier.Linux.Remote;
using MmuNotifier.Linux.Tests.OwnWatching;
using MmuNotifier.Linux.Userfaultfd;
using MmuNotifier.Linux.Watching;

namespace MmuNotifier.Linux.Tests.Userfaultfd;

/// <summary>
/// Every reader of events with events as no kernel should send them: none throws, none stops, none takes an event for nothing.
/// </summary>
[Collection(OwnWatchingGroup.Name)]
public sealed unsafe class ForgedEventTests
{
    private const int Seeds = 5;
    private const int MessagesPerSeed = 400;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly UserfaultMessage s_unmapping = new() { Number = UserfaultMessage.Unmap, First = 0x5000, Second = 0x9000 };
    private static readonly AddressRange s_unmapped = new(0x5000, 0x8FFF);

    [Fact]
    public void The_watch_of_another_process_reports_each_of_them()
    {
        using var pipe = new MessagePipe();
        int processId = Environment.ProcessId;
        using var watch = new WatchedProcess(
            processId,
            new UserfaultfdDescriptor(pipe.Reader),
            ProcessDescriptor.Open(processId, out _)!,
            PageMap.Open(processId, out _)!,
            ProcessMaps.Open(processId, new MappingNameCache(), out _)!,
            holder: null,
            hasForkEvents: true);
        var everywhere = new CountingNotifier();
        watch.AddressSpace.Insert(everywhere, AddressRange.Whole);
        foreach (UserfaultMessage message in Messages())
        {
            int before = everywhere.Count;
            pipe.Send(message);
            watch.HandleEvents();
            watch.SettleRemovals();
            Assert.True(everywhere.Count > before || message.Number == UserfaultMessage.PageFault, $"{message.Number:x} {message.First:x} {message.Second:x}");
        }

        Assert.False(watch.IsOver);
        Assert.Null(watch.Failure);
    }

    [Fact]
    public void A_device_tells_its_users_after_each_of_them()
    {
        using var serving = new MessagePipe();
        using var noticing = new MessagePipe();
        int processId = Environment.ProcessId;
        using var memory = new RemoteMemory(
            ProcessDescriptor.Open(processId, out _)!,
            ProcessMaps.Open(processId, new MappingNameCache(), out _)!,
            PageMap.Open(processId, out _)!,
            new UserfaultfdDescriptor(serving.Reader),
            new UserfaultfdDescriptor(noticing.Reader),
            WakeDescriptor.TryCreate(out _)!,
            seesForks: true);
        Assert.True(memory.TryStartThreads());
        var everywhere = new CountingNotifier();
        memory.Space.Insert(everywhere, AddressRange.Whole);
        int count = 0;
        foreach (UserfaultMessage message in Messages())
            (count++ % 2 == 0 ? serving : noticing).Send(message);
        serving.Send(s_unmapping);
        noticing.Send(s_unmapping);
        Assert.True(SpinWait.SpinUntil(() => everywhere.Unmappings(s_unmapped) >= 2, Limit), "the reader has ended");
    }

    [Fact]
    public void The_native_handler_passes_all_of_them_on_but_faults()
    {
        using var pipe = new MessagePipe();
        using var stop = new WakeDescriptor();
        using var signal = new WakeDescriptor();
        nint handler = HandlerLibrary.FindLack() is { } lack
            ? throw Xunit.Sdk.SkipException.ForSkip(lack)
            : HandlerLibrary.Start((int)pipe.Reader.DangerousGetHandle(), stop.Descriptor, signal.Descriptor);
        try
        {
            foreach (UserfaultMessage message in Messages())
            {
                UserfaultEvent expected = UserfaultEvent.Decode(in message);
                pipe.Send(message);
                if (expected.Kind == UserfaultEventKind.PageFault)
                    continue;
                UserfaultEvent? news = null;
                Assert.True(SpinWait.SpinUntil(() => (news = Fetch(handler)) is not null, Limit), $"the handler has ended at {expected}");
                Assert.Equal(expected, news);
            }
        }
        finally
        {
            stop.Signal();
            HandlerLibrary.Stop(handler);
        }
    }

    [Fact]
    public void The_watch_of_this_process_reports_what_comes_after_them()
    {
        using var watched = new Watched();
        using var pipe = new MessagePipe();
        Assert.Equal(watched.Watch.EventDescriptor, Calls.Duplicate((int)pipe.Reader.DangerousGetHandle(), watched.Watch.EventDescriptor));
        foreach (UserfaultMessage message in Messages())
            pipe.Send(message);
        pipe.Send(s_unmapping);
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                {
                    watched.Watch.CatchUp();
                    return watched.Watch.Failure is not null || watched.IsReportedAlone(s_unmapped);
                },
                Limit),
            "the reader has ended");
        Assert.Null(watched.Watch.Failure);
    }

    private static UserfaultEvent? Fetch(nint handler)
    {
        UserfaultEvent news;
        return HandlerLibrary.Fetch(handler, &news) != 0 ? news : null;
    }

    private static IEnumerable<UserfaultMessage> Messages() =>
        Enumerable.Range(0, Seeds).SelectMany(seed => ForgedMessages.Random(seed, MessagesPerSeed));

    /// <summary>Covers the whole space, and counts what it is told; from any thread.</summary>
    private sealed class CountingNotifier : IntervalNotifier
    {
        private readonly Lock _lock = new();
        private readonly List<AddressRange> _unmapped = [];

        internal int Count { get; private set; }

        internal int Unmappings(AddressRange range)
        {
            lock (_lock)
                return _unmapped.Count(each => each == range);
        }

        protected override InvalidateResult Invalidate(in Invalidation invalidation)
        {
            lock (_lock)
            {
                Count++;
                if (invalidation.Event == InvalidationEvent.Unmap)
                    _unmapped.Add(invalidation.Range);
            }

            return InvalidateResult.Done;
        }
    }
}
