using System.Diagnostics;

namespace MmuNotifier.Linux.Tests.FaultHandler;

public class CollectionStormTests
{
    /// <remarks>
    /// With a handler in managed code of the same runtime, this hangs within a second: a thread that waits in a page fault cannot be
    /// stopped for a collection, and the handler cannot continue before the collection is over.
    /// </remarks>
    [Fact]
    public void Touches_by_pointer_bring_pages_back_while_the_collector_runs()
    {
        string folder = AppContext.BaseDirectory.Replace(
            "MmuNotifier.Linux.Tests", Path.Combine("Targets", "CollectionStorm"), StringComparison.Ordinal);
        using Process storm = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(folder, "CollectionStorm.dll"), "4"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = storm.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = storm.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (!storm.WaitForExit(TimeSpan.FromMinutes(5)))
        {
            storm.Kill();
            Assert.Fail("The process hangs.");
        }

        Assert.SkipWhen(storm.ExitCode == 3, output.Result);
        Assert.True(storm.ExitCode == 0, output.Result + error.Result);
    }
}
