using MmuNotifier.Benchmarks.Engines;

namespace MmuNotifier.Benchmarks;

/// <summary>Two threads that invalidate two notifiers, each its own, until disposed.</summary>
internal sealed class InvalidationStreams<TEngine, TScope> : IDisposable
    where TEngine : struct, IEngine<TEngine, TScope>
    where TScope : struct
{
    private static readonly long Hold = Ticks.FromMicroseconds(100);

    private readonly TEngine _engine;
    private readonly Thread[] _threads;
    private readonly CountdownEvent _running = new(2);
    private volatile bool _stopped;

    /// <param name="engine">Holds the two notifiers.</param>
    /// <param name="gapless">
    /// Each thread starts an invalidation before it ends its former one, so that at no moment none is active; else each holds one for
    /// 100 µs, ends it and starts the next at once, and only the two threads together leave hardly a gap.
    /// </param>
    /// <param name="pages">The page of each thread.</param>
    internal InvalidationStreams(TEngine engine, bool gapless, params ulong[] pages)
    {
        _engine = engine;
        _threads = [.. pages.Select(page => new Thread(() => Invalidate(page, gapless)) { IsBackground = true })];
        foreach (Thread thread in _threads)
            thread.Start();
        _running.Wait();
    }

    public void Dispose()
    {
        _stopped = true;
        foreach (Thread thread in _threads)
            thread.Join();
        _running.Dispose();
    }

    private void Invalidate(ulong page, bool gapless)
    {
        if (gapless)
            InvalidateGapless(page);
        else
            InvalidateHolding(page);
    }

    private void InvalidateGapless(ulong page)
    {
        TScope active = Start(page);
        _running.Signal();
        while (!_stopped)
        {
            TScope next = Start(page);
            _engine.End(active);
            active = next;
        }

        _engine.End(active);
    }

    private void InvalidateHolding(ulong page)
    {
        TScope active = Start(page);
        _running.Signal();
        while (!_stopped)
        {
            Ticks.Spin(Hold);
            _engine.End(active);
            active = Start(page);
        }

        _engine.End(active);
    }

    private TScope Start(ulong page) => _engine.Start(page, page + (WorkOrder.Page - 1));
}
