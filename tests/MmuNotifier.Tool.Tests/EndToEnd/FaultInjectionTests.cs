using System.Diagnostics;

namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>
/// The main operations on real memory (attach, mirror, core, launch, device, watch, write watch, register, migrate) with a system call that
/// fails: never a crash, a hang, something left over, a stale copy or a wrong report. CONTRIBUTING.md says how to run all cases.
/// </summary>
[Collection(EndToEndGroup.Name)]
public class FaultInjectionTests
{
    private const string SampleCases = "60";
    private const string SampleSeed = "1";

    [Fact]
    public void No_failing_system_call_does_harm()
    {
        Assert.SkipUnless(Machine.IsRoot, "attaching and userfaultfd need root");
        using var target = new NativeTarget("injected", "-pthread");
        using var deviceTarget = new DeviceProgram("injected");
        string cases = Environment.GetEnvironmentVariable("MMUN_FAULTS") ?? SampleCases;
        string seed = Environment.GetEnvironmentVariable("MMUN_FAULTS_SEED") ?? SampleSeed;
        using Process injector = Process.Start(new ProcessStartInfo(
            "dotnet", [Machine.FaultInjection, "supervise", seed, cases, target.Program, deviceTarget.Path])
        {
            RedirectStandardOutput = true,
        })!;
        Task<string> output = injector.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        // Each case of a worker that hangs takes two minutes; a sample of which several do has failed anyhow.
        bool hasEnded = injector.WaitForExit(cases == SampleCases ? TimeSpan.FromMinutes(15) : Timeout.InfiniteTimeSpan);
        if (!hasEnded)
            injector.Kill(entireProcessTree: true);
        Assert.True(hasEnded, $"the injector does not end (seed {seed})");
        TestContext.Current.TestOutputHelper?.WriteLine(output.Result);
        Assert.True(injector.ExitCode == 0, output.Result);
    }
}
