using static MmuNotifier.Linux.Tests.Watch.Calls;

namespace MmuNotifier.Linux.Tests.Watch;

/// <summary>Reports run on the thread that asks, one after the other.</summary>
[Collection(WatchGroup.Name)]
public sealed class ReportingTests
{
    [Fact]
    public void A_callback_may_unmap_what_is_watched_and_catch_up()
    {
        using var watched = new Watched();
        ulong first = watched.Map(2);
        ulong second = watched.Map(2);
        bool isSecondSeen = false;
        var outer = new Reacting(() =>
        {
            Unmap(second, 2 * Page);
            watched.Watch.CatchUp();
            Assert.True(Volatile.Read(ref isSecondSeen));
        });
        watched.Watch.Space.Insert(outer, Pages(first, 2));
        watched.Watch.Space.Insert(new Reacting(() => Volatile.Write(ref isSecondSeen, true)), Pages(second, 2));
        Unmap(first, 2 * Page);
        watched.Watch.CatchUp();
        Assert.True(outer.HasReacted);
        Assert.Null(outer.Exception);
        Assert.Null(watched.Watch.Failure);
    }

    [Fact]
    public void Whoever_catches_up_meanwhile_waits_for_the_reports_of_others()
    {
        using var watched = new Watched();
        using var isInside = new ManualResetEventSlim();
        for (int i = 0; i < 50; i++)
        {
            isInside.Reset();
            ulong address = watched.Map(2);
            bool isDone = false;
            var slow = new Reacting(() =>
            {
                isInside.Set();
                Thread.Sleep(2);
                Volatile.Write(ref isDone, true);
            });
            watched.Watch.Space.Insert(slow, Pages(address, 2));
            Unmap(address, 2 * Page);
            var other = new Thread(() => watched.Watch.CatchUp());
            other.Start();
            Assert.True(isInside.Wait(Patience.Limit));
            watched.Watch.CatchUp();
            Assert.True(Volatile.Read(ref isDone));
            other.Join();
            slow.Remove();
            watched.Watch.Unwatch(Pages(address, 2));
        }

        Assert.Null(watched.Watch.Failure);
    }

    private sealed class Reacting(Action action) : IntervalNotifier
    {
        internal bool HasReacted { get; private set; }

        internal Exception? Exception { get; private set; }

        protected override InvalidateResult Invalidate(in Invalidation invalidation)
        {
            if (HasReacted || invalidation.Event == InvalidationEvent.Release)
                return InvalidateResult.Done;
            HasReacted = true;
            Exception = Record.Exception(action);
            return InvalidateResult.Done;
        }
    }
}
