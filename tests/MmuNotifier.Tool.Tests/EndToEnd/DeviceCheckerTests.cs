using System.Diagnostics;

namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>
/// The checker of tests/Targets/Device/Checker, some seconds for each of its mixes: all commands against all system calls that change
/// memory, with a program that knows what must be in every page. Its README says what it judges; eng/checkdevice.sh runs it for longer.
/// </summary>
[Collection(EndToEndGroup.Name)]
public class DeviceCheckerTests
{
    private const string Seconds = "5";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    public static TheoryData<string, string> Mixes
    {
        get
        {
            var mixes = new TheoryData<string, string>();
            foreach (string line in File.ReadLines(Machine.DeviceSource("Checker/mixes.txt")))
            {
                if (!line.StartsWith('#') && line.Split(':', 2) is [var name, var parameters])
                    mixes.Add(name, parameters.Trim());
            }

            return mixes;
        }
    }

    [Theory]
    [MemberData(nameof(Mixes))]
    public void No_page_loses_its_content(string name, string parameters)
    {
        Assert.SkipUnless(Machine.IsRoot, "userfaultfd needs root");
        using var checker = new DeviceProgram("Checker");
        string[] arguments = ["seed=1", $"seconds={Seconds}", .. parameters.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        using var mmun = new Mmun(["device", "--", checker.Path, .. arguments]);
        int exitCode = mmun.WaitForExit();
        Assert.True(exitCode == 0, $"{name}: {string.Join(' ', arguments)}: exit code {exitCode}\n{mmun.Output}\n{mmun.Error}");
        Assert.Equal($"ok: seed 1, {Seconds} s", mmun.Output.TrimEnd('\n').Split('\n')[^1]);
        Assert.Equal("", mmun.Error);
    }

    [Fact]
    public void Without_a_device_the_checker_finds_nothing()
    {
        using var checker = new DeviceProgram("Checker");
        using Process run = Process.Start(new ProcessStartInfo(checker.Path, ["fake=1", "seconds=2"]) { RedirectStandardOutput = true })!;
        Task<string> output = run.StandardOutput.ReadToEndAsync();
        bool hasEnded = run.WaitForExit(s_limit);
        if (!hasEnded)
            run.Kill();
        Assert.True(hasEnded && run.ExitCode == 0, output.Result);
    }
}
