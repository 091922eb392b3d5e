using System.Diagnostics.Tracing;

namespace MmuNotifier.Tests.Diagnostics;

/// <summary>The meter and the event source of the engine.</summary>
public sealed class SpaceMetricsTests : IDisposable
{
    private const string CallbackTime = "mmunotifier.invalidation.callback.duration";

    private static readonly AddressRange s_range = new(0x1000, 0x1fff);

    private readonly TestMeters _meters = new();
    private readonly AddressSpace _space;

    public SpaceMetricsTests() => _space = new AddressSpace("tested", _meters);

    public void Dispose() => _meters.Dispose();

    [Fact]
    public void An_invalidation_is_measured_with_its_event_and_the_name_of_its_space()
    {
        _meters.Listen();
        _space.Insert(s_range, (in Invalidation _) => InvalidateResult.Done);
        _space.StartInvalidation(s_range, InvalidationEvent.Unmap).Dispose();
        _space.Invalidate(s_range, InvalidationEvent.ProtectionVma);
        Assert.True(Assert.Single(_meters.Of($"{CallbackTime} unmap tested")) > 0);
        Assert.Single(_meters.Of($"{CallbackTime} protection_vma tested"));
        Assert.True(_space.TryStartInvalidation(s_range, InvalidationEvent.Clear, out InvalidationScope scope));
        scope.Dispose();
        Assert.Single(_meters.Of($"{CallbackTime} clear tested"));
    }

    [Fact]
    public void Active_invalidations_are_those_that_have_not_ended()
    {
        _meters.Listen();
        using (_space.StartInvalidation(s_range, InvalidationEvent.Unmap))
        using (_space.StartInvalidation(new AddressRange(0x3000, 0x3fff), InvalidationEvent.Unmap))
            _meters.Poll();
        _meters.Poll();
        Assert.Equal([2, 0], _meters.Of("mmunotifier.invalidation.active tested"));
    }

    [Fact]
    public void Retries_are_counted_and_checks_that_need_none_are_not()
    {
        _meters.Listen();
        IntervalNotifier notifier = Insert();
        ReadSection section = notifier.ReadBegin();
        Assert.False(section.MustRetry);
        Assert.Empty(_meters.Of("mmunotifier.read_section.retries tested"));
        _space.Invalidate(s_range, InvalidationEvent.Unmap);
        Assert.True(section.MustRetry);
        Assert.Equal([1], _meters.Of("mmunotifier.read_section.retries tested"));
    }

    [Fact]
    public async Task A_wait_for_the_end_of_an_invalidation_is_measured_blocking_or_not()
    {
        _meters.Listen();
        IntervalNotifier notifier = Insert();
        InvalidationScope scope = _space.StartInvalidation(s_range, InvalidationEvent.Unmap);
        Assert.Throws<OperationCanceledException>(() => notifier.ReadBegin(new CancellationToken(canceled: true)));
        Assert.Single(_meters.Of("mmunotifier.wait.duration read_section tested"));
        ValueTask<ReadSection> reader = notifier.ReadBeginAsync(TestContext.Current.CancellationToken);
        scope.Dispose();
        Assert.Equal(ReadStatus.Open, (await reader).Status);
        Assert.Equal(2, _meters.Of("mmunotifier.wait.duration read_section tested").Count);
    }

    [Fact]
    public async Task Waits_for_a_removal_and_for_a_release_are_measured()
    {
        _meters.Listen();
        using var isCalled = new ManualResetEventSlim();
        using var mayReturn = new ManualResetEventSlim();
        IntervalNotifier notifier = _space.Insert(s_range, (in Invalidation _) =>
        {
            isCalled.Set();
            Assert.True(mayReturn.Wait(Patience.Limit));
            return InvalidateResult.Done;
        });
        Task invalidation = Task.Run(() => _space.Invalidate(s_range, InvalidationEvent.Unmap), TestContext.Current.CancellationToken);
        isCalled.Wait(TestContext.Current.CancellationToken);
        Task removal = notifier.RemoveAsync(TestContext.Current.CancellationToken);
        Task release = _space.SynchronizeAsync(TestContext.Current.CancellationToken);
        mayReturn.Set();
        await Task.WhenAll(invalidation, removal, release);
        Assert.Single(_meters.Of("mmunotifier.wait.duration removal tested"));
        Assert.Single(_meters.Of("mmunotifier.wait.duration release tested"));
    }

    [Fact]
    public void A_failure_that_only_the_event_reports_is_counted()
    {
        _meters.Listen();
        _space.Insert(s_range, (in Invalidation _) => throw new InvalidOperationException());
        _space.Invalidate(s_range, InvalidationEvent.Unmap);
        Assert.Equal([1], _meters.Of("mmunotifier.callback.failures tested"));
    }

    [Fact]
    public void A_listener_that_throws_leaves_nothing_open()
    {
        _meters.OnMeasurement = () => throw new InvalidDataException();
        _meters.Listen();
        IntervalNotifier notifier = Insert();
        _space.StartInvalidation(s_range, InvalidationEvent.Unmap).Dispose();
        ReadSection section = notifier.ReadBegin(TestContext.Current.CancellationToken);
        Assert.Equal(ReadStatus.Open, section.Status);
        _space.Invalidate(s_range, InvalidationEvent.Unmap);
        Assert.True(section.MustRetry);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Invalidations_and_sections_allocate_nothing_whether_somebody_listens_or_not(bool isHeard)
    {
        int measured = 0;
        _meters.OnMeasurement = () => measured++;
        if (isHeard)
            _meters.Listen();
        IntervalNotifier notifier = Insert();
        Work(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Work(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(isHeard ? 2200 : 0, measured);

        void Work(int times)
        {
            for (int i = 0; i < times; i++)
            {
                ReadSection section = notifier.ReadBegin();
                _space.StartInvalidation(s_range, InvalidationEvent.Unmap).Dispose();
                _ = section.MustRetry;
            }
        }
    }

    [Fact]
    public void Names_units_and_attributes_follow_the_conventions()
    {
        _meters.Listen();
        An_invalidation_is_measured_with_its_event_and_the_name_of_its_space();
        Retries_are_counted_and_checks_that_need_none_are_not();
        A_failure_that_only_the_event_reports_is_counted();
        _meters.Poll();
        Assert.All(_meters.Instruments, instrument =>
        {
            Assert.Matches("^mmunotifier(\\.[a-z_]+)+$", instrument.Name);
            Assert.Matches("^(s|By|1|\\{[a-z]+\\})$", instrument.Unit);
            Assert.False(string.IsNullOrEmpty(instrument.Description));
            Assert.Contains($"`{instrument.Name}`", Documentation.Read("docs/observability.md"), StringComparison.Ordinal);
        });
        Assert.All(_meters.Attributes, attribute => Assert.StartsWith("mmunotifier.", attribute.Key, StringComparison.Ordinal));
    }

    [Fact]
    public void The_meters_of_a_space_without_a_factory_are_shared_and_a_name_is_not_empty()
    {
        Assert.Null(new AddressSpace().Name);
        Assert.Equal("tested", _space.Name);
        Assert.Throws<ArgumentException>(() => new AddressSpace(" "));
        Assert.Same(EngineInstruments.Shared, EngineInstruments.Of(null));
        Assert.Same(EngineInstruments.Of(_meters), EngineInstruments.Of(_meters));
    }

    [Fact]
    public void The_event_source_has_each_invalidation_while_somebody_wants_to_know()
    {
        using var events = new Events();
        _space.Invalidate(s_range, InvalidationEvent.Unmap);
        Assert.Empty(events.Seen);
        events.EnableEvents(EngineEventSource.Log, EventLevel.Verbose);
        _space.Invalidate(s_range, InvalidationEvent.Unmap);
        Assert.Equal("Invalidated tested Unmap 4096 8191", Assert.Single(events.Seen));
        events.DisableEvents(EngineEventSource.Log);
        _space.Invalidate(s_range, InvalidationEvent.Unmap);
        Assert.Single(events.Seen);
        Assert.False(_space.Metrics.IsHeard);
    }

    private IntervalNotifier Insert() => _space.Insert(s_range, (in Invalidation _) => InvalidateResult.Done);

    private sealed class Events : EventListener
    {
        public List<string> Seen { get; } = [];

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (eventData.Payload is [string space, string kind, ulong start, ulong last, ..] && space == "tested")
                Seen.Add($"{eventData.EventName} {space} {kind} {start} {last}");
        }
    }
}
