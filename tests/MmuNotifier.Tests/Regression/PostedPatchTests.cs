namespace MmuNotifier.Tests.Regression;

/// <summary>
/// The twelve errors of a patch series that was posted for the kernel. Each has one test, which makes the exact sequence of calls that
/// shows the error.
/// </summary>
public class PostedPatchTests
{
    private static readonly AddressRange Hundred = new(0, 99);

    [Fact]
    public async Task E01_a_notifier_removed_and_then_moved_in_parallel_callbacks_stays_removed()
    {
        var space = new AddressSpace();
        using var bothInside = new Barrier(2);
        using var removed = new ManualResetEventSlim();
        EditResult moved = default;
        var notifier = new ScriptedNotifier((self, invalidation) =>
        {
            Assert.True(bothInside.SignalAndWait(Patience.Limit));
            if (invalidation.Range.Start == 0)
            {
                Assert.True(self.RemoveDeferred());
                removed.Set();
            }
            else
            {
                Assert.True(removed.Wait(Patience.Limit));
                moved = self.Move(new AddressRange(0, 49));
            }
        });
        space.Insert(notifier, Hundred);

        Task first = Task.Run(() => space.StartInvalidation(new AddressRange(0, 9), InvalidationEvent.Unmap).Dispose());
        Task second = Task.Run(() => space.StartInvalidation(new AddressRange(90, 99), InvalidationEvent.Unmap).Dispose());
        await Task.WhenAll(first, second).WaitAsync(Patience.Limit);

        Assert.Equal(EditResult.AlreadyRemoved, moved);
        notifier.AwaitReleased();
        space.StartInvalidation(Hundred, InvalidationEvent.Clear).Dispose();
        Assert.Equal(2, notifier.Overlaps.Count);
        Assert.Empty(FindAll(space, AddressRange.Whole));
    }

    [Fact]
    public void E02_removing_twice_during_one_invalidation_is_harmless()
    {
        var space = new AddressSpace();
        bool first = false, second = true;
        var other = new ScriptedNotifier();
        var notifier = new ScriptedNotifier((self, _) =>
        {
            first = self.RemoveDeferred();
            second = self.RemoveDeferred();
        });
        space.Insert(notifier, Hundred);
        space.Insert(other, Hundred);

        space.StartInvalidation(Hundred, InvalidationEvent.Unmap).Dispose();
        notifier.Remove();
        space.Synchronize();

        Assert.True(first);
        Assert.False(second);
        Assert.Equal(1, notifier.Releases);
        Assert.Equal([other], FindAll(space, AddressRange.Whole));
    }

    [Fact]
    public void E03_a_move_to_the_byte_at_zero_is_a_move_and_no_removal()
    {
        var space = new AddressSpace();
        EditResult moved = default;
        var notifier = new ScriptedNotifier((self, invalidation) =>
        {
            if (invalidation.Event == InvalidationEvent.Unmap)
                moved = self.Move(new AddressRange(0, 0));
        });
        space.Insert(notifier, Hundred);

        space.StartInvalidation(new AddressRange(1, 99), InvalidationEvent.Unmap).Dispose();
        space.StartInvalidation(new AddressRange(0, 0), InvalidationEvent.Clear).Dispose();

        Assert.Equal(EditResult.Applied, moved);
        Assert.Equal(new AddressRange(0, 0), notifier.Range);
        Assert.Equal([new AddressRange(1, 99), new AddressRange(0, 0)], notifier.Overlaps);
        Assert.Equal(0, notifier.Releases);
    }

    [Fact]
    public void E04_a_move_into_an_active_invalidation_that_hit_nothing_collides_with_it()
    {
        var space = new AddressSpace();
        var notifier = new ScriptedNotifier();
        space.Insert(notifier, Hundred);
        ReadSection before = notifier.ReadBegin();

        InvalidationScope active = space.StartInvalidation(new AddressRange(1000, 1999), InvalidationEvent.Clear);
        Assert.False(before.MustRetry);
        _ = notifier.Move(new AddressRange(1500, 1599));

        Assert.True(before.MustRetry);
        Assert.Equal(ReadStatus.Invalidating, notifier.ReadBeginNoWait().Status);
        active.Dispose();
        Assert.False(notifier.ReadBegin().MustRetry);
    }

    [Fact]
    public async Task E05_a_read_section_of_a_notifier_grown_into_an_active_invalidation_waits_for_its_end()
    {
        var space = new AddressSpace();
        var notifier = new ScriptedNotifier();
        space.Insert(notifier, Hundred);
        InvalidationScope active = space.StartInvalidation(new AddressRange(100, 199), InvalidationEvent.Unmap);

        Assert.Equal(EditResult.Applied, notifier.Move(new AddressRange(0, 199)));
        Task<ReadSection> section = notifier.ReadBeginAsync().AsTask();
        Assert.False(section.IsCompleted);
        Assert.Equal(ReadStatus.Open, notifier.ReadBeginNoWait(new AddressRange(0, 99)).Status);

        active.Dispose();
        Assert.Equal(ReadStatus.Open, (await section.WaitAsync(Patience.Limit)).Status);
    }

    [Fact]
    public async Task E06_two_holes_at_once_leave_the_right_three_pieces()
    {
        var space = new AddressSpace();
        using var bothInside = new Barrier(2);
        int entered = 0;
        ScriptedNotifier Make() => new((self, invalidation) =>
        {
            // Only the first two callbacks, those of the first notifier, meet each other; inherited ones come alone.
            if (Interlocked.Increment(ref entered) <= 2)
                Assert.True(bothInside.SignalAndWait(Patience.Limit));
            self.Cut(invalidation.Range, Make);
        });
        space.Insert(Make(), Hundred);

        Task first = Task.Run(() => space.StartInvalidation(new AddressRange(40, 49), InvalidationEvent.Unmap).Dispose());
        Task second = Task.Run(() => space.StartInvalidation(new AddressRange(80, 89), InvalidationEvent.Unmap).Dispose());
        await Task.WhenAll(first, second).WaitAsync(Patience.Limit);

        Assert.Equal(
            [new AddressRange(0, 39), new AddressRange(50, 79), new AddressRange(90, 99)],
            FindAll(space, AddressRange.Whole).Select(notifier => notifier.Range));
    }

    [Fact]
    public void E07_a_notifier_may_be_forgotten_the_moment_it_is_removed()
    {
        var space = new AddressSpace();
        for (int i = 0; i < 1000; i++)
        {
            // Removal must not look at the notifier after it was released: its state then belongs to nobody.
            var notifier = new ScriptedNotifier();
            space.Insert(notifier, Hundred);
            notifier.RemoveDeferred();
            notifier.AwaitReleased();
            Assert.Equal(1, notifier.Releases);
        }

        space.Synchronize();
    }

    [Fact]
    public async Task E08_a_waiting_reader_outlives_the_removal_of_its_notifier()
    {
        var space = new AddressSpace();
        var notifier = new ScriptedNotifier();
        space.Insert(notifier, Hundred);
        InvalidationScope active = space.StartInvalidation(Hundred, InvalidationEvent.Clear);
        Task<ReadSection> waiting = notifier.ReadBeginAsync().AsTask();
        Assert.False(waiting.IsCompleted);

        notifier.RemoveDeferred();
        notifier.AwaitReleased();
        ReadSection section = await waiting.WaitAsync(Patience.Limit);

        Assert.Equal(ReadStatus.Removed, section.Status);
        Assert.True(section.MustRetry);
        active.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void E09_released_never_comes_under_the_lock_of_the_remover(bool insideCallback)
    {
        var space = new AddressSpace();
        var driverLock = new Lock();
        var notifier = new LockTakingNotifier(driverLock, insideCallback);
        space.Insert(notifier, Hundred);

        if (insideCallback)
        {
            space.StartInvalidation(Hundred, InvalidationEvent.Unmap).Dispose();
        }
        else
        {
            lock (driverLock)
                notifier.RemoveDeferred();
        }

        Assert.True(notifier.ReleasedUnderOwnLock.Wait(Patience.Limit), "Released did not get the driver's lock.");
        Assert.NotEqual(Environment.CurrentManagedThreadId, notifier.ReleasingThread);
    }

    [Fact]
    public void E10_the_tree_is_right_for_whatever_comes_between_removal_and_release()
    {
        var space = new AddressSpace();
        var left = new ScriptedNotifier();
        var right = new ScriptedNotifier();
        using var letRelease = new ManualResetEventSlim();
        var notifier = new HoldingReleaseNotifier(letRelease);
        space.Insert(left, new AddressRange(0, 9));
        space.Insert(notifier, new AddressRange(10, 19));
        space.Insert(right, new AddressRange(20, 29));

        notifier.RemoveDeferred();
        Assert.True(notifier.Releasing.Wait(Patience.Limit));
        Assert.Equal(EditResult.AlreadyRemoved, notifier.Move(new AddressRange(5, 6)));
        Assert.Equal(CutResult.AlreadyRemoved, notifier.Cut(new AddressRange(0, 99), () => new ScriptedNotifier()));
        _ = right.Move(new AddressRange(10, 29));
        space.Insert(new ScriptedNotifier(), new AddressRange(15, 16));
        space.StartInvalidation(new AddressRange(0, 99), InvalidationEvent.Clear).Dispose();
        letRelease.Set();
        space.Synchronize();

        Assert.Equal(
            [new AddressRange(0, 9), new AddressRange(10, 29), new AddressRange(15, 16)],
            FindAll(space, AddressRange.Whole).Select(found => found.Range));
    }

    [Fact]
    public void E11_find_and_remove_until_there_is_none_ends_during_an_invalidation()
    {
        var space = new AddressSpace();
        for (ulong i = 0; i < 10; i++)
            space.Insert(new ScriptedNotifier(), new AddressRange(i * 10, (i * 10) + 9));
        InvalidationScope active = space.StartInvalidation(Hundred, InvalidationEvent.Unmap);

        int removed = 0;
        while (RemoveFirst(space))
            Assert.True(++removed <= 10, "A removed notifier was found again.");

        Assert.Equal(10, removed);
        active.Dispose();
    }

    [Fact]
    public void E12_a_synchronous_removal_of_an_idle_notifier_releases_it()
    {
        var space = new AddressSpace();
        var notifier = new ScriptedNotifier();
        space.Insert(notifier, Hundred);

        notifier.Remove();

        notifier.AwaitReleased();
        space.Synchronize();
        Assert.Equal(1, notifier.Releases);
    }

    private static bool RemoveFirst(AddressSpace space)
    {
        foreach (FoundNotifier found in space.Find(AddressRange.Whole))
            return found.RemoveDeferred();
        return false;
    }

    private static List<IntervalNotifier> FindAll(AddressSpace space, AddressRange range)
    {
        List<IntervalNotifier> all = [];
        foreach (FoundNotifier found in space.Find(range))
            all.Add(found.Notifier);
        return all;
    }

    private sealed class LockTakingNotifier(Lock driverLock, bool removeInside) : IntervalNotifier
    {
        public ManualResetEventSlim ReleasedUnderOwnLock { get; } = new();

        public int ReleasingThread { get; private set; }

        protected internal override InvalidateResult Invalidate(in Invalidation invalidation)
        {
            lock (driverLock)
            {
                if (removeInside)
                    RemoveDeferred();
            }

            return InvalidateResult.Done;
        }

        protected override void Released()
        {
            lock (driverLock)
                ReleasingThread = Environment.CurrentManagedThreadId;
            ReleasedUnderOwnLock.Set();
        }
    }

    private sealed class HoldingReleaseNotifier(ManualResetEventSlim letRelease) : IntervalNotifier
    {
        public ManualResetEventSlim Releasing { get; } = new();

        protected internal override InvalidateResult Invalidate(in Invalidation invalidation) => InvalidateResult.Done;

        protected override void Released()
        {
            Releasing.Set();
            letRelease.Wait(Patience.Limit);
        }
    }
}
