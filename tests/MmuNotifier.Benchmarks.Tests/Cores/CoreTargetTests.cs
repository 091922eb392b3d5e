using System.Diagnostics;
using System.Globalization;
using MmuNotifier.Benchmarks.Cores;

namespace MmuNotifier.Benchmarks.Tests.Cores;

public class CoreTargetTests
{
    /// <summary>A target that does not notice its stop would make every tool look good.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_notices_that_it_was_stopped_and_how_much_it_has_written(bool isManaged)
    {
        Assert.SkipUnless(isManaged || File.Exists("/usr/bin/cc"), "There is no C compiler.");
        using var target = new CoreTarget(new CoreLoad(isManaged, 8, CoreLoad.Everything));
        target.TakeGap();
        double stopMilliseconds = StopFor(target.ProcessId, TimeSpan.FromMilliseconds(300)).TotalMilliseconds;
        // The thread that answers may run before the ones that look at the clock and write.
        double gap = 0;
        long written = 0, began = Stopwatch.GetTimestamp();
        while ((gap < stopMilliseconds || written == 0) && Stopwatch.GetElapsedTime(began) < Patience.Limit)
        {
            (double longest, long pages) = target.TakeGap();
            (gap, written) = (Math.Max(gap, longest), written + pages);
        }

        Assert.True(gap >= stopMilliseconds, $"The longest gap is {gap} ms.");
        Assert.True(written > 0, "Nothing is written.");
    }

    /// <summary>The time in which no thread ran: from when all of them were seen to be stopped to just before they continue.</summary>
    private static TimeSpan StopFor(int processId, TimeSpan time)
    {
        string process = processId.ToString(CultureInfo.InvariantCulture);
        Process.Start("kill", ["-STOP", process]).WaitForExit();
        Patience.Until(() => AllStopped(processId), "the threads to stop");
        long stopped = Stopwatch.GetTimestamp();
        Thread.Sleep(time);
        TimeSpan passed = Stopwatch.GetElapsedTime(stopped);
        Process.Start("kill", ["-CONT", process]).WaitForExit();
        return passed;
    }

    /// <summary>A thread that ends at that moment has no text, and does not run either.</summary>
    private static bool AllStopped(int processId) => Directory.GetDirectories($"/proc/{processId}/task")
        .Select(thread => ProcFile.TextIfRunning(processId, $"task/{Path.GetFileName(thread)}/stat"))
        .All(text => text.Length == 0 || text.Split(')')[^1].StartsWith(" T", StringComparison.Ordinal));
}
