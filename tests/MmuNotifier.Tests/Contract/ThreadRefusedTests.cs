namespace MmuNotifier.Tests.Contract;

/// <summary>The system gives the process no thread. Nothing is lost, nothing throws half-way, and nobody waits for ever.</summary>
public class ThreadRefusedTests
{
    private readonly AddressSpace _space;
    private int _started;
    private volatile bool _isRefused;

    public ThreadRefusedTests()
    {
        _space = new AddressSpace(new ReleaseWorkers(StartThread));
    }

    [Fact]
    public void A_refused_first_insertion_changes_nothing_and_can_be_made_again()
    {
        _isRefused = true;
        var notifier = new TestNotifier();
        var batched = new TestNotifier();
        var cut = new QuietNotifier();
        var range = new AddressRange(0, 9);
        _space.Insert(cut, new AddressRange(100, 199));

        Assert.Throws<InsufficientMemoryException>(() => _space.Insert(notifier, range));
        Assert.Throws<InsufficientMemoryException>(() => _space.Apply(new NotifierBatch().Insert(batched, range)));
        Assert.Throws<InsufficientMemoryException>(() => cut.Cut(new AddressRange(120, 129), () => new TestNotifier()));
        Assert.Throws<InsufficientMemoryException>(() => _space.Insert(new QuietWholeSpaceNotifier()));
        Assert.Equal(new AddressRange(100, 199), cut.Range);
        Assert.Null(notifier.Space);

        _isRefused = false;
        _space.Insert(notifier, range);
        notifier.RemoveDeferred();
        Assert.True(notifier.ReleasedEvent.Wait(TestNotifier.Limit));
    }

    [Fact]
    public void Notifiers_that_do_not_handle_their_release_need_no_thread()
    {
        _isRefused = true;
        var notifier = new QuietNotifier();
        _space.Insert(notifier, new AddressRange(0, 9));
        notifier.Remove();
        _space.Synchronize();
        Assert.Equal(0, _started);
    }

    [Fact]
    public void What_is_removed_while_no_thread_is_given_is_released_by_the_workers_that_there_are()
    {
        using var goOn = new ManualResetEventSlim();
        TestNotifier[] notifiers = InsertMany(50, goOn);
        _isRefused = true;
        foreach (TestNotifier notifier in notifiers)
            Assert.True(notifier.RemoveDeferred());
        goOn.Set();

        using var patience = new CancellationTokenSource(TestNotifier.Limit);
        _space.Synchronize(patience.Token);
        Assert.All(notifiers, notifier => Assert.True(notifier.ReleasedEvent.IsSet));
    }

    [Fact]
    public void When_threads_are_given_again_blocked_handlers_hold_nobody_up()
    {
        using var goOn = new ManualResetEventSlim();
        TestNotifier[] blocked = InsertMany(5, goOn);
        var other = new TestNotifier();
        _space.Insert(other, new AddressRange(0, 9));
        _isRefused = true;
        foreach (TestNotifier notifier in blocked)
            notifier.RemoveDeferred();
        other.RemoveDeferred();
        _isRefused = false; // Nobody calls the engine any more: the keeper asks by itself.

        Assert.True(other.ReleasedEvent.Wait(TestNotifier.Limit));
        goOn.Set();
        _space.Synchronize();
    }

    /// <summary>The removal is completed by the walk, in the middle: it queues the release, and the calls behind it come all the
    /// same.</summary>
    [Fact]
    public void A_walk_that_queues_a_release_goes_on()
    {
        var removed = new TestNotifier((TestNotifier notifier, in Invalidation _) =>
        {
            notifier.RemoveDeferred();
            return InvalidateResult.Done;
        });
        var behind = new TestNotifier();
        _space.Insert(removed, new AddressRange(0, 9));
        _space.Insert(behind, new AddressRange(5, 9));
        _isRefused = true;

        _space.StartInvalidation(new AddressRange(0, 9), InvalidationEvent.Unmap).Dispose();

        Assert.Single(behind.Calls);
        Assert.True(removed.ReleasedEvent.Wait(TestNotifier.Limit));
    }

    /// <remarks>The tick never comes: so what is started is started for the length of the queue, which must not be.</remarks>
    [Fact]
    public void A_burst_of_removals_starts_no_threads()
    {
        int started = 0;
        var space = new AddressSpace(new ReleaseWorkers(
            (body, name) =>
            {
                Interlocked.Increment(ref started);
                BackgroundThread.Start(body, name);
            },
            tick: TimeSpan.FromDays(1)));
        TestNotifier[] notifiers = [.. Enumerable.Range(0, 2000).Select(_ => new TestNotifier())];
        foreach (TestNotifier notifier in notifiers)
            space.Insert(notifier, new AddressRange(0, 9));
        foreach (TestNotifier notifier in notifiers)
            notifier.RemoveDeferred();
        space.Synchronize();

        Assert.All(notifiers, notifier => Assert.True(notifier.ReleasedEvent.IsSet));
        Assert.Equal(2, started);
    }

    /// <remarks>
    /// On the thread that walks: what was removed before the walk came to it is completed by the walk. A worker that has ended meanwhile,
    /// because the machine is busy, is started again there; so not every batch has to be without an allocation.
    /// </remarks>
    [Fact]
    public void A_walk_that_completes_removals_allocates_nothing()
    {
        const int batches = 5;
        const int rounds = 100;
        var allocated = new long[batches];
        for (int i = 0; i < batches * rounds; i++)
        {
            var removed = new RemovedElsewhereNotifier();
            _space.Insert(removed, new AddressRange(0, 9));
            _space.StartInvalidation(new AddressRange(0, 9), InvalidationEvent.Unmap).Dispose();
            allocated[i / rounds] += GC.GetAllocatedBytesForCurrentThread() - removed.AllocatedWhenCalled;
            Assert.Equal(ReadStatus.Removed, removed.ReadBegin().Status);
        }

        _space.Synchronize();
        Assert.Contains(0, allocated);
    }

    private TestNotifier[] InsertMany(int count, ManualResetEventSlim goOn)
    {
        TestNotifier[] notifiers =
            [.. Enumerable.Range(0, count).Select(_ => new TestNotifier { OnReleased = () => Assert.True(goOn.Wait(TestNotifier.Limit)) })];
        foreach (TestNotifier notifier in notifiers)
            _space.Insert(notifier, new AddressRange(0, 9));
        return notifiers;
    }

    private void StartThread(Action body, string name)
    {
        if (_isRefused)
            throw new InsufficientMemoryException("no thread");
        Interlocked.Increment(ref _started);
        BackgroundThread.Start(body, name);
    }

    private sealed class QuietNotifier : IntervalNotifier
    {
        protected internal override InvalidateResult Invalidate(in Invalidation invalidation) => InvalidateResult.Done;
    }

    private sealed class QuietWholeSpaceNotifier : WholeSpaceNotifier
    {
        protected internal override bool InvalidateStart(in Invalidation invalidation) => true;

        protected internal override void InvalidateEnd(in Invalidation invalidation)
        {
        }
    }

    /// <summary>Removed by another thread while its callback runs.</summary>
    private sealed class RemovedElsewhereNotifier : IntervalNotifier
    {
        private readonly Thread _remover;

        public RemovedElsewhereNotifier()
        {
            _remover = new Thread(() => RemoveDeferred());
        }

        public long AllocatedWhenCalled { get; private set; }

        protected internal override InvalidateResult Invalidate(in Invalidation invalidation)
        {
            _remover.Start();
            _remover.Join();
            AllocatedWhenCalled = GC.GetAllocatedBytesForCurrentThread();
            return InvalidateResult.Done;
        }

        protected override void Released()
        {
        }
    }
}
