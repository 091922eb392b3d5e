using System.Diagnostics;

namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>What mmun device does with the program that it runs, and what it says when it cannot.</summary>
[Collection(EndToEndGroup.Name)]
public class DeviceCommandTests
{
    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("kill -KILL $$", 137)]
    [InlineData("kill -TERM $$", 143)]
    public void The_exit_code_is_the_programs(string script, int expected)
    {
        RequireRoot();
        using Mmun mmun = Mmun.Run("device", "--", "sh", "-c", script);
        Assert.Equal(expected, mmun.WaitForExit());
    }

    [Fact]
    public void The_program_has_our_standard_streams_and_arguments()
    {
        RequireRoot();
        using Mmun mmun = Mmun.Run("device", "--", "sh", "-c", "cat; echo \"$1\"; echo to error >&2", "name", "a  b");
        Assert.Equal(0, mmun.WaitForExit());
        Assert.Equal("a  b\n", mmun.Output);
        Assert.Equal("to error", mmun.Error);
    }

    [Fact]
    public void A_signal_to_end_reaches_the_program()
    {
        RequireRoot();
        using var mmun = new Mmun("device", "--", "sh", "-c", "trap 'exit 5' TERM; echo ready >&2; while :; do sleep 0.1; done");
        Assert.True(SpinWait.SpinUntil(() => mmun.Error == "ready", Patience.Limit));
        mmun.Signal(Mmun.Terminate);
        Assert.Equal(5, mmun.WaitForExit());
    }

    [Fact]
    public void Libraries_that_were_preloaded_already_stay()
    {
        RequireRoot();
        using Mmun mmun = new(["env", "LD_PRELOAD=libm.so.6"], AppContext.BaseDirectory, ["device", "--", "sh", "-c", "echo $LD_PRELOAD"]);
        Assert.Equal(0, mmun.WaitForExit());
        Assert.Equal(Path.Combine(AppContext.BaseDirectory, "libmmun-device.so") + ":libm.so.6\n", mmun.Output);
    }

    [Fact]
    public void A_program_that_opens_no_device_is_left_alone()
    {
        RequireRoot();
        const string count = "ls /proc/self/fd | wc -l; ls /proc/self/task | wc -l";
        using Mmun mmun = Mmun.Run("device", "--", "sh", "-c", $"{count}; unset LD_PRELOAD; {count}");
        Assert.Equal(0, mmun.WaitForExit());
        string[] counts = mmun.Output.Trim().Split('\n');
        Assert.Equal(counts[2..], counts[..2]);
    }

    [Fact]
    public void A_statically_linked_program_is_refused()
    {
        RequireRoot();
        Machine.Require("cc");
        string program = Path.GetTempFileName();
        using (Process compiler = Process.Start("sh", ["-c", $"echo 'int main(void) {{ return 0; }}' | cc -static -x c - -o {program}"]))
        {
            compiler.WaitForExit();
            Assert.SkipUnless(compiler.ExitCode == 0, "there is no static C library");
        }

        using Mmun mmun = Mmun.Run("device", "--", program);
        Assert.StartsWith($"{program} is linked statically: ", mmun.Refusal(exitCode: 125), StringComparison.Ordinal);
        File.Delete(program);
    }

    [Theory]
    [InlineData(127, "There is no program \"no-such-program-anywhere\" in PATH", "device", "--", "no-such-program-anywhere")]
    [InlineData(126, "/etc/passwd may not be executed", "device", "--", "/etc/passwd")]
    [InlineData(125, "Say what to run: -- PROGRAM ARGS...", "device")]
    [InlineData(125, "There is no option '--nonsense'.", "device", "--nonsense")]
    public void What_cannot_be_run_is_told_in_one_line(int exitCode, string expected, params string[] arguments)
    {
        using Mmun mmun = Mmun.Run(arguments);
        Assert.Contains(expected, mmun.Refusal(exitCode), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_may_not_use_userfaultfd_is_told_so()
    {
        Assert.SkipWhen(File.ReadAllText("/proc/sys/vm/unprivileged_userfaultfd").Trim() == "1", "everybody may use userfaultfd here");
        using var user = new OrdinaryUser();
        using Mmun mmun = user.Mmun("device", "--", "true");
        mmun.WaitForExit();
        Assert.Contains("permission for userfaultfd", mmun.Refusal(exitCode: 125), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_its_library_it_says_how_to_get_it()
    {
        RequireRoot();
        string folder = Directory.CreateTempSubdirectory("mmun-without").FullName;
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            if (!file.EndsWith("libmmun-device.so", StringComparison.Ordinal))
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        using (Mmun mmun = new([], folder, ["device", "--", "true"]))
            Assert.Contains("There is no libmmun-device.so beside mmun", mmun.Refusal(exitCode: 125), StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    private static void RequireRoot() => Assert.SkipUnless(Machine.IsRoot, "userfaultfd needs root");
}
