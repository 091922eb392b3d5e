using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace MmuNotifier.Tests.Contract;

/// <summary>What nobody needs any more can be collected, although threads, pools and workers that it met live on.</summary>
public class KeptAliveTests
{
    private static readonly AddressRange s_range = new(0, 9);

    [Fact]
    public void A_thread_that_waited_for_a_section_keeps_neither_notifier_nor_space()
    {
        using var done = new ManualResetEventSlim();
        using var stop = new ManualResetEventSlim();
        WeakReference? space = null;
        WeakReference? notifier = null;
        var reader = new Thread(() =>
        {
            (space, notifier) = WaitOnce();
            done.Set();
            stop.Wait(TestNotifier.Limit);
        });
        reader.Start();
        Assert.True(done.Wait(TestNotifier.Limit));
        AssertCollected(space!, "the space");
        AssertCollected(notifier!, "the notifier");
        stop.Set();
        reader.Join();
    }

    [Fact]
    public void A_space_keeps_no_owner_of_an_invalidation_that_has_ended()
    {
        var space = new AddressSpace();
        space.Insert(new Plugin(), s_range); // One that keeps nothing of its calls.
        WeakReference owner = InvalidateFor(space);
        AssertCollected(owner, "the owner");
        GC.KeepAlive(space);
    }

    [Fact]
    public void A_space_keeps_no_removed_notifier()
    {
        var space = new AddressSpace();
        WeakReference removed = InsertAndRemove(space);
        AssertCollected(removed, "the notifier");
        GC.KeepAlive(space);
    }

    [Fact]
    public void A_worker_with_nothing_to_do_keeps_no_notifier()
    {
        // The first worker never ends; it waits in its loop.
        var space = new AddressSpace(new ReleaseWorkers(BackgroundThread.Start, tick: TimeSpan.FromDays(1)));
        AssertCollected(InsertAndRemove(space), "the notifier that was released last");
        GC.KeepAlive(space);
    }

    [Fact]
    public void A_type_that_was_removed_last_does_not_keep_its_load_context()
    {
        var space = new AddressSpace();
        AssertCollected(UseInContext(space), "the load context");
        GC.KeepAlive(space);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (WeakReference Space, WeakReference Notifier) WaitOnce()
    {
        var space = new AddressSpace();
        var notifier = new TestNotifier();
        space.Insert(notifier, s_range);
        InvalidationScope scope = default;
        var starter = new Thread(() => scope = space.StartInvalidation(s_range, InvalidationEvent.Clear));
        starter.Start();
        starter.Join();
        var ender = new Thread(() =>
        {
            Patience.Until(() => !notifier.ReadWaiters.IsEmpty, "the reader waits");
            scope.Dispose();
        });
        ender.Start();
        Assert.Equal(ReadStatus.Open, notifier.ReadBegin().Status);
        ender.Join();
        notifier.Remove();
        space.Synchronize();
        return (new WeakReference(space), new WeakReference(notifier));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference InvalidateFor(AddressSpace space)
    {
        object owner = new();
        space.StartInvalidation(s_range, InvalidationEvent.Migrate, owner).Dispose();
        space.StartInvalidation(s_range, InvalidationEvent.Unmap, owner).Dispose();
        space.Insert(new IgnoringWholeSpaceNotifier());
        space.StartInvalidation(s_range, InvalidationEvent.Migrate, owner).Dispose();
        return new WeakReference(owner);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference InsertAndRemove(AddressSpace space)
    {
        var notifier = new TestNotifier();
        space.Insert(notifier, s_range);
        space.StartInvalidation(s_range, InvalidationEvent.Unmap).Dispose();
        foreach (FoundNotifier found in space.Find(s_range))
            found.Cut(new AddressRange(3, 5), () => new TestNotifier());
        foreach (FoundNotifier found in space.Find(s_range))
            found.RemoveDeferred();
        space.Synchronize();
        return new WeakReference(notifier);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference UseInContext(AddressSpace space)
    {
        var context = new Collectible();
        Type type = context.LoadFromAssemblyPath(typeof(KeptAliveTests).Assembly.Location).GetType(typeof(Plugin).FullName!)!;
        type.GetMethod(nameof(Plugin.Run))!.Invoke(null, [space]);
        context.Unload();
        return new WeakReference(context);
    }

    private static void AssertCollected(WeakReference reference, string what) => Patience.Until(
        () =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return !reference.IsAlive;
        },
        $"{what} is collected");

    private sealed class Collectible() : AssemblyLoadContext(isCollectible: true)
    {
        /// <summary>All but the test's own assembly is the host's.</summary>
        protected override Assembly? Load(AssemblyName assemblyName) => null;
    }

    private sealed class IgnoringWholeSpaceNotifier : WholeSpaceNotifier
    {
        protected internal override bool InvalidateStart(in Invalidation invalidation) => true;

        protected internal override void InvalidateEnd(in Invalidation invalidation)
        {
        }
    }
}
