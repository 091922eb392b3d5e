using static MmuNotifier.Analyzers.Tests.Verify;

namespace MmuNotifier.Analyzers.Tests;

public sealed class RetryOutsideLockTests
{
    private const string Device =
        """

        class Device
        {
            private readonly Lock _ownLock = new();
            public readonly object Gate = new();
            public readonly object OtherGate = new();
            public readonly SemaphoreSlim Semaphore = new(1);
            public readonly ReaderWriterLockSlim Rw = new();
            public Lock Lock => _ownLock;
            public Lock AutoLock { get; } = new();
            public void Forget() { lock (OtherGate) { } }
        }
        """;

    [Theory]
    [InlineData("lock (device.Gate) { }")]
    [InlineData("lock (device.Lock) { }")]
    [InlineData("lock (device.AutoLock) { }")]
    [InlineData("using (device.Lock.EnterScope()) { }")]
    [InlineData("using var scope = device.Lock.EnterScope();")]
    [InlineData("Monitor.Enter(device.Gate); Monitor.Exit(device.Gate);")]
    [InlineData("device.Lock.Enter(); device.Lock.Exit();")]
    [InlineData("device.Rw.EnterWriteLock(); device.Rw.ExitWriteLock();")]
    [InlineData("device.Semaphore.Wait(); device.Semaphore.Release();")]
    [InlineData("Helper();")]
    [InlineData("device.Forget();")]
    public Task Without_a_lock(string callback) => FindsWith(callback, "if (![|section.MustRetry|]) Commit();");

    [Theory]
    [InlineData("lock (_device.OtherGate) { if (![|section.MustRetry|]) Commit(); }")]
    [InlineData("lock (_device.Gate) { } if (![|section.MustRetry|]) Commit();")]
    [InlineData("bool stale = [|section.MustRetry|]; lock (_device.Gate) { if (!stale) Commit(); }")]
    [InlineData("Monitor.Enter(_device.Gate); Monitor.Exit(_device.Gate); if (![|section.MustRetry|]) Commit();")]
    [InlineData("Monitor.Enter(_device.Gate); try { } finally { Monitor.Exit(_device.Gate); } if (![|section.MustRetry|]) Commit();")]
    [InlineData("ReadSection awaited = await notifier.ReadBeginAsync(); if (!section.MustRetry) Commit(); lock (_device.Gate) { _ = "
        + "section.MustRetry; } if (![|awaited.MustRetry|]) Commit();")]
    public Task Without_the_lock(string reader) => FindsWith("lock (device.Gate) { }", reader);

    [Theory]
    [InlineData("lock (device.Gate) { }", "lock (_device.Gate) { if (!section.MustRetry) Commit(); }")]
    [InlineData("lock (device.Gate) { }", "var gate = _device.Gate; lock (gate) { if (!section.MustRetry) Commit(); }")]
    [InlineData("lock (device.Gate) { }", "lock (_device.OtherGate) lock (_device.Gate) { if (!section.MustRetry) Commit(); }")]
    [InlineData("lock (device.Gate) { }", "Monitor.Enter(_device.Gate); if (!section.MustRetry) Commit(); Monitor.Exit(_device.Gate);")]
    [InlineData("lock (device.Gate) { }",
        "Monitor.Enter(_device.Gate); if (_done) { Monitor.Exit(_device.Gate); return; } if (!section.MustRetry) Commit();")]
    [InlineData("lock (device.Gate) { }",
        "Monitor.Enter(_device.Gate); try { if (!section.MustRetry) Commit(); } finally { Monitor.Exit(_device.Gate); }")]
    [InlineData("lock (device.Lock) { }", "using (_device.Lock.EnterScope()) { if (!section.MustRetry) Commit(); }")]
    [InlineData("lock (device.Lock) { }", "using var held = _device.Lock.EnterScope(); if (!section.MustRetry) Commit();")]
    [InlineData("device.Semaphore.Wait(); device.Semaphore.Release();",
        "await _device.Semaphore.WaitAsync(); if (!section.MustRetry) Commit();")]
    [InlineData("device.Rw.EnterWriteLock();", "_device.Rw.EnterReadLock(); if (!section.MustRetry) Commit();")]
    [InlineData("lock (device.Gate) { }", "if (section.MustRetry) return; lock (_device.Gate) { if (!section.MustRetry) Commit(); }")]
    [InlineData("Helper();", "lock (_device.Gate) { if (!section.MustRetry) Commit(); }")]
    [InlineData("lock (device.Gate) device.Forget();", "lock (_device.OtherGate) { if (!section.MustRetry) Commit(); }")]
    public Task Under_the_lock(string callback, string reader) => FindsWith(callback, reader);

    [Theory]
    [InlineData("", "if (!section.MustRetry) Commit();")]
    [InlineData("lock (Pick()) { }", "if (!section.MustRetry) Commit();")]
    [InlineData("lock (device.Gate) { }", "lock (Pick()) { if (!section.MustRetry) Commit(); }")]
    [InlineData("lock (device.Gate) { }", "Under(() => { if (!section.MustRetry) Commit(); });")]
    [InlineData("lock (device.Gate) { }", "ReadSection other = unknown.ReadBegin(); if (!other.MustRetry) Commit(); _ = "
        + "section.MustRetry; lock (_device.Gate) { _ = section.MustRetry; }")]
    [InlineData("lock (device.Gate) { }", "EnterOwnWay(); if (!section.MustRetry) Commit();")]
    [InlineData("lock (device.Gate) { }", "Require(!section.MustRetry && _done);")]
    [InlineData("lock (device.Gate) { }", "_section = section; if (!_section.MustRetry) Commit();")]
    public Task Nothing_where_it_is_not_seen(string callback, string reader) => FindsWith(callback, reader);

    [Fact]
    public Task A_device_that_is_its_own_lock() => Finds<RetryOutsideLockAnalyzer>(
        """
        sealed class Mirror : IntervalNotifier
        {
            protected override InvalidateResult Invalidate(in Invalidation invalidation)
            {
                lock (this)
                    return InvalidateResult.Done;
            }
            public bool Read()
            {
                ReadSection section = ReadBegin();
                lock (this)
                    return section.MustRetry;
            }
            public bool ReadWrongly()
            {
                ReadSection section = ReadBegin();
                return [|section.MustRetry|];
            }
        }
        """);

    [Fact]
    public Task A_callback_that_is_inherited() => Finds<RetryOutsideLockAnalyzer>(
        """
        abstract class Base : IntervalNotifier
        {
            protected readonly object Gate = new();
            protected override InvalidateResult Invalidate(in Invalidation invalidation)
            {
                lock (Gate)
                    return InvalidateResult.Done;
            }
        }
        sealed class Mirror : Base
        {
            public bool Read()
            {
                ReadSection section = ReadBegin();
                return [|section.MustRetry|];
            }
        }
        """);

    private static Task FindsWith(string callback, string reader) => FindsInFiles<RetryOutsideLockAnalyzer>(
        $$"""
        class Mirror(Device device) : IntervalNotifier
        {
            protected override InvalidateResult Invalidate(in Invalidation invalidation)
            {
                {{callback}}
                return InvalidateResult.Done;
            }
            private void Helper() { lock (device.Gate) { } }
            private object Pick() => device.Gate;
        }
        """ + Device,
        $$"""
        class Reader
        {
            private readonly Device _device = new();
            private bool _done;
            private ReadSection _section;
            async Task Read(Mirror notifier, IntervalNotifier unknown)
            {
                await Task.Yield();
                ReadSection section = notifier.ReadBegin();
                {{reader}}
            }
            private object Pick() => _device.Gate;
            private void Under(Action action) { lock (_device.Gate) action(); }
            void Commit() => _done = true;
            void EnterOwnWay() => Monitor.Enter(_device.Gate);
            void Require(bool condition) { }
        }
        """);
}
