using System.Diagnostics;
using System.Globalization;

namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>
/// The main operations on real memory (attach, mirror, launch, device, watch, register, migrate) with a system call that fails: never a
/// crash, a hang, something left over, a stale copy or a wrong report. CONTRIBUTING.md says how to run all cases.
/// </summary>
[Collection(EndToEndGroup.Name)]
public class FaultInjectionTests
{
    private const string SampleSeconds = "30";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    [Fact]
    public void No_failing_system_call_does_harm()
    {
        Assert.SkipUnless(Machine.IsRoot, "attaching and userfaultfd need root");
        using var target = new NativeTarget("injected", "-pthread");
        using var deviceTarget = new DeviceProgram("injected");
        string seconds = Environment.GetEnvironmentVariable("MMUN_FAULTS") ?? SampleSeconds;
        string seed = Environment.GetEnvironmentVariable("MMUN_FAULTS_SEED")
            ?? (Environment.TickCount64 % 100_000).ToString(CultureInfo.InvariantCulture);
        using Process injector = Process.Start(new ProcessStartInfo(
            "dotnet", [Machine.FaultInjection, "supervise", seed, seconds, target.Program, deviceTarget.Path])
        {
            RedirectStandardOutput = true,
        })!;
        Task<string> output = injector.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        bool hasEnded = injector.WaitForExit(seconds == "all" ? Timeout.InfiniteTimeSpan : Limit);
        if (!hasEnded)
            injector.Kill(entireProcessTree: true);
        Assert.True(hasEnded, $"the injector does not end (seed {seed})");
        TestContext.Current.TestOutputHelper?.WriteLine(output.Result);
        Assert.True(injector.ExitCode == 0, output.Result);
    }
}
