namespace MmuNotifier.Tests;

public class WholeSpaceTests
{
    private readonly AddressSpace _space = new();

    [Fact]
    public void One_that_comes_during_an_invalidation_gets_its_start_and_later_its_end()
    {
        InvalidationScope active = _space.StartInvalidation(new AddressRange(5, 9), InvalidationEvent.Unmap);
        var notifier = new Recorder();
        _space.Insert(notifier);
        Assert.Equal(["start [0x5, 0x9]"], notifier.Calls);

        active.Dispose();
        Assert.Equal(["start [0x5, 0x9]", "end [0x5, 0x9]"], notifier.Calls);
    }

    [Fact]
    public void One_that_goes_during_an_invalidation_gets_the_missing_end_before_released()
    {
        var notifier = new Recorder();
        _space.Insert(notifier);
        InvalidationScope active = _space.StartInvalidation(new AddressRange(5, 9), InvalidationEvent.Unmap);
        notifier.Remove();
        _space.Synchronize();

        Assert.Equal(["start [0x5, 0x9]", "end [0x5, 0x9]", "released"], notifier.Calls);
        active.Dispose();
        Assert.Equal(3, notifier.Calls.Count);
    }

    [Fact]
    public void An_end_that_comes_while_the_registering_thread_delivers_the_start_is_left_to_that_thread()
    {
        InvalidationScope active = _space.StartInvalidation(new AddressRange(5, 9), InvalidationEvent.Unmap);
        var notifier = new Recorder(active.Dispose);
        _space.Insert(notifier);

        Assert.Equal(["start [0x5, 0x9]", "end [0x5, 0x9]"], notifier.Calls);
    }

    [Fact]
    public void Exit_releases_every_notifier_once_beside_active_invalidations_and_refuses_inserts_afterwards()
    {
        var whole = new Recorder();
        var notifier = new TestNotifier();
        _space.Insert(whole);
        _space.Insert(notifier, new AddressRange(0, 9));
        InvalidationScope active = _space.StartInvalidation(new AddressRange(0, 9), InvalidationEvent.Clear);
        Task<ReadSection> waiting = notifier.ReadBeginAsync().AsTask();

        Assert.True(_space.Exit());
        Assert.False(_space.Exit());

        Assert.Equal(ReadStatus.Exited, waiting.Result.Status);
        Invalidation release = Assert.Single(notifier.Calls, call => call.Event == InvalidationEvent.Release);
        Assert.Equal(AddressRange.Whole, release.Range);
        Assert.Single(whole.Calls, call => call == "start [0x0, 0xffffffffffffffff]");
        Assert.Single(whole.Calls, call => call == "end [0x0, 0xffffffffffffffff]");
        Assert.False(_space.TryInsert(new TestNotifier(), new AddressRange(0, 9)));
        Assert.Throws<AddressSpaceExitedException>(() => _space.Insert(new Recorder()));
        Assert.Equal(CutResult.Exited, notifier.Cut(new AddressRange(4, 5), () => new TestNotifier()));
        active.Dispose();
        notifier.Remove();
        whole.Remove();
        _space.Synchronize();
        Assert.True(notifier.ReleasedEvent.IsSet);
    }

    private sealed class Recorder(Action? duringStart = null) : WholeSpaceNotifier
    {
        private readonly List<string> _calls = [];

        public IReadOnlyList<string> Calls
        {
            get
            {
                lock (_calls)
                    return [.. _calls];
            }
        }

        protected internal override bool InvalidateStart(in Invalidation invalidation)
        {
            Note($"start {invalidation.Range}");
            duringStart?.Invoke();
            return true;
        }

        protected internal override void InvalidateEnd(in Invalidation invalidation) => Note($"end {invalidation.Range}");

        protected override void Released() => Note("released");

        private void Note(string call)
        {
            lock (_calls)
                _calls.Add(call);
        }
    }
}
