using System.Runtime.CompilerServices;

namespace MmuNotifier.Tests.Misuse;

/// <summary>Validation remembers only what is alive, and costs nothing in steady state.</summary>
public class BoundTests
{
    [Fact]
    public void Spaces_and_locks_that_are_gone_are_forgotten()
    {
        var space = new AddressSpace();
        var driverLock = new DriverLock("outer");
        var kept = new DriverLock("kept");
        using (driverLock.Hold())
        using (kept.Hold())
        {
        }

        var gone = new List<WeakReference>();
        for (int i = 0; i < 1000; i++)
            UseAndDrop(space, driverLock, gone);
        int noted = driverLock.Node!.Dependencies.Count();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.InRange(noted, 1, int.MaxValue);
        Assert.InRange(gone.Count(reference => reference.IsAlive), 0, 10); // What this thread's stack still has, in debug builds.
        Assert.InRange(driverLock.Node.Dependencies.Count(), 0, 10);
        Assert.InRange(space.Dependencies!.BlockableCalls.Dependencies.Count(), 0, 10);
        GC.KeepAlive(space);
        GC.KeepAlive(kept); // Another test may collect at any time: this one is noted for certain.
    }

    [Fact]
    public void Holds_waits_and_callbacks_allocate_nothing_when_everything_was_seen()
    {
        var space = new AddressSpace();
        var taken = new DriverLock("taken by the callback");
        var outer = new DriverLock("outer");
        var quiet = new TestNotifier();
        space.Insert(quiet, new AddressRange(100, 199));
        space.Insert(
            new CallingNotifier
            {
                OnCallback = () =>
                {
                    using (taken.Hold())
                    {
                    }
                },
            },
            new AddressRange(0, 9));

        for (int i = 0; i < 200; i++)
            Work();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 200; i++)
            Work();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Work()
        {
            using (outer.Hold())
            {
                quiet.ReadBegin();
                space.StartInvalidation(new AddressRange(0, 9), InvalidationEvent.Clear).Dispose();
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void UseAndDrop(AddressSpace space, DriverLock driverLock, List<WeakReference> gone)
    {
        var otherSpace = new AddressSpace();
        var otherLock = new DriverLock("inner");
        var quiet = new CallingNotifier();
        otherSpace.Insert(quiet, new AddressRange(0, 9));
        Assert.Null(Contexts.RunInside("callback", space, () =>
        {
            using (otherLock.Hold())
                quiet.ReadBegin();
        }));
        using (driverLock.Hold())
        using (otherLock.Hold())
            otherSpace.Synchronize();
        gone.Add(new WeakReference(otherSpace.Dependencies));
        gone.Add(new WeakReference(otherSpace));
        gone.Add(new WeakReference(otherLock.Node));
        gone.Add(new WeakReference(otherLock));
    }
}
