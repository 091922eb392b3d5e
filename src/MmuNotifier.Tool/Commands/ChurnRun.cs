using System.Globalization;
using MmuNotifier.IoUring;
using MmuNotifier.Linux;
using MmuNotifier.Tool.Churn;
using MmuNotifier.Tool.Output;
using MmuNotifier.Tool.Reporting;

namespace MmuNotifier.Tool.Commands;

/// <summary>Does what <c>mmun churn</c> is asked for.</summary>
internal static class ChurnRun
{
    /// <summary>Where the kernel puts nothing by its own choice.</summary>
    private const ulong FirstAddress = 0x3000_0000_0000;

    private const ulong Distance = 1UL << 32;

    internal static int Execute(int seed, TimeSpan duration, int threads, bool isBare)
    {
        var workers = new List<ChurnWorker>();
        IMemoryWatch? watch = null;
        using var interruption = new Interruption();
        try
        {
            watch = isBare ? new DeafWatch() : new LinuxMemoryWatch(new AddressSpace());
            if (watch.Failure is { } failure)
                throw new InvalidOperationException(failure);
            for (int i = 0; i < threads; i++)
            {
                FixedRing ring = FixedRing.Create(out string? lack) ?? throw new InvalidOperationException(lack);
                var buffers = new CachedBuffers(ring.Handle, watch);
                workers.Add(new ChurnWorker((seed * 1000) + i, FirstAddress + ((ulong)i * Distance), ring, buffers));
            }

            string? wrong = Run(workers, duration, interruption.Asked, out long forks);
            string counts = string.Create(
                CultureInfo.InvariantCulture,
                $"{workers.Sum(worker => worker.Operations)} operations, {workers.Sum(worker => worker.Transfers)} transfers, "
                    + $"{workers.Sum(worker => worker.Hits)} hits, {Words.Count(forks, "fork")}");
            Console.WriteLine(wrong is null ? $"churn: ok; {counts}" : $"churn: WRONG; {counts}");
            interruption.Report();
            if (wrong is null)
                return interruption.ExitCode;
            Console.WriteLine(wrong);
            string bare = isBare ? " --bare" : "";
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"To repeat it: mmun churn --seed {seed} --threads {threads} --duration {duration.TotalSeconds}{bare}"));
            return ExitCodes.Differs;
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException)
        {
            Console.Error.WriteLine($"mmun: {exception.Message}");
            return ExitCodes.Impossible;
        }
        finally
        {
            workers.ForEach(worker => worker.Dispose());
            watch?.Dispose();
        }
    }

    private static string? Run(List<ChurnWorker> workers, TimeSpan duration, CancellationToken stop, out long forks)
    {
        long end = Environment.TickCount64 + (long)duration.TotalMilliseconds;
        using ProgressLine? progress = ProgressLine.Begin(elapsed => string.Create(
            CultureInfo.InvariantCulture,
            $"churn: {elapsed.TotalSeconds:F0} of {duration.TotalSeconds:F0} s, {workers.Sum(worker => worker.Operations):N0} operations"));
        bool IsOver() => Environment.TickCount64 >= end || stop.IsCancellationRequested;
        string? wrong = null;
        Exception? failure = null;
        List<Thread> threads = workers.ConvertAll(worker => new Thread(() =>
        {
            try
            {
                while (Volatile.Read(ref wrong) is null && failure is null && !IsOver())
                {
                    if (worker.Step() is { } found)
                        Interlocked.CompareExchange(ref wrong, found, null);
                }
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        }));
        threads.ForEach(thread => thread.Start());
        forks = 0;
        var random = new Random(1);
        while (threads.Exists(thread => thread.IsAlive))
        {
            // A child that lives for a moment: what is written meanwhile is copied, except pages that a buffer pins.
            using (SystemCallChild? child = SystemCallChild.ForkThis(out _))
            {
                forks += child is null ? 0 : 1;
                Thread.Sleep(random.Next(20));
            }

            Thread.Sleep(random.Next(50));
        }

        threads.ForEach(thread => thread.Join());
        return failure is null ? wrong : throw new InvalidOperationException(failure.Message, failure);
    }
}
