using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests.Watch;

/// <summary>
/// The readers of other processes' events with events as no kernel should send them: none throws, none stops, none takes an event for
/// nothing.
/// </summary>
public sealed class ForgedEventTests
{
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
            Syscall.OpenForReading("/proc/self/mem", out _)!,
            holder: null,
            hasForkEvents: true);
        var everywhere = new CountingNotifier();
        watch.Space.Insert(everywhere, AddressRange.Whole);
        foreach (UserfaultMessage message in ForgedMessages.Seeded())
        {
            int before = everywhere.Count;
            pipe.Send(message);
            watch.HandleEvents();
            watch.EndRemovals();
            Assert.True(everywhere.Count > before
                || message.Number == UserfaultMessage.PageFault, $"{message.Number:x} {message.First:x} {message.Second:x}");
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
        foreach (UserfaultMessage message in ForgedMessages.Seeded())
            (count++ % 2 == 0 ? serving : noticing).Send(message);
        serving.Send(s_unmapping);
        noticing.Send(s_unmapping);
        Assert.True(SpinWait.SpinUntil(() => everywhere.Unmappings(s_unmapped) >= 2, Limit), "the reader has ended");
    }

    /// <summary>Covers the whole space, and counts its calls; from any thread.</summary>
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
