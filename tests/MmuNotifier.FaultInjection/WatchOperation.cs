using MmuNotifier.Linux;

namespace MmuNotifier.FaultInjection;

/// <summary>Watches this process's own memory: what has changed is reported, or the watch says that it has failed.</summary>
internal sealed class WatchOperation : Operation
{
    private const int Rounds = 4;

    internal override string Name => "watch";

    internal override string? Run(Injector injector, FaultCase? faultCase)
    {
        injector.Arm(faultCase);
        try
        {
            var space = new AddressSpace();
            var recorder = new Recorder();
            space.Insert(recorder);
            using var watch = new LinuxMemoryWatch(space);
            string? problem = null;
            for (int round = 0; round < Rounds && problem is null && watch.Failure is null; round++)
                problem = RunRound(watch, recorder, round);
            injector.Disarm();
            // Again, when nothing fails any more.
            return problem ?? (watch.Failure is null ? RunRound(watch, recorder, Rounds) : CheckMessage(watch.Failure));
        }
        finally
        {
            injector.Disarm();
        }
    }

    private static string? RunRound(LinuxMemoryWatch watch, Recorder recorder, int round)
    {
        AddressRange pages = OwnPages.Map(4);
        OwnPages.BytesOf(pages).Fill(1);
        if (!watch.TryWatch(pages))
            return null;
        ulong stamp = watch.CatchUp();
        watch.Arm(pages);
        bool wasIntact = watch.IsIntact(pages);
        recorder.Clear();
        if (round % 2 == 0)
            OwnPages.Unmap(pages);
        else
            OwnPages.Drop(pages);
        if (watch.Failure is null && stamp == watch.Stamp)
            return "a change has not moved the stamp";
        watch.CatchUp();
        bool isReported = watch.Failure is not null || recorder.Covers(pages);
        bool isIntact = wasIntact && !watch.IsChanging(pages) && watch.IsIntact(pages);
        OwnPages.Unmap(pages);
        watch.Unwatch(pages);
        watch.CatchUp();
        return !isReported ? "a change is not reported" : isIntact ? "changed memory is said to be intact" : null;
    }

    private sealed class Recorder : WholeSpaceNotifier
    {
        private readonly List<AddressRange> _reports = [];

        internal void Clear()
        {
            lock (_reports)
                _reports.Clear();
        }

        internal bool Covers(AddressRange range)
        {
            lock (_reports)
                return _reports.Exists(report => report.Contains(range));
        }

        protected override bool InvalidateStart(in Invalidation invalidation)
        {
            lock (_reports)
                _reports.Add(invalidation.Range);
            return true;
        }

        protected override void InvalidateEnd(in Invalidation invalidation)
        {
        }
    }
}
