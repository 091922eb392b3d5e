using System.Diagnostics;
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
        const int stopMilliseconds = 300;
        using var target = new CoreTarget(new CoreLoad(isManaged, 8, CoreLoad.Everything));
        target.TakeGap();
        string process = target.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Process.Start("kill", ["-STOP", process]).WaitForExit();
        Thread.Sleep(stopMilliseconds);
        Process.Start("kill", ["-CONT", process]).WaitForExit();
        (double gap, long written) = target.TakeGap();
        Assert.True(gap >= stopMilliseconds, $"The longest gap is {gap} ms.");
        for (long began = Stopwatch.GetTimestamp(); written == 0 && Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(60);)
            written = target.TakeGap().Written;
        Assert.True(written > 0, "Nothing is written.");
    }
}
