namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>Every command whose output is closed, full or read by nobody ends with one line and an exit code of ours.</summary>
[Collection(EndToEndGroup.Name)]
public class OutputLostTests
{
    private const string ReaderIsGone =
        "import os, sys; r, w = os.pipe(); os.dup2(w, 1); os.close(r); os.close(w); os.execvp(sys.argv[1], sys.argv[1:])";

    private static readonly string[][] s_printing =
    [
        ["--help"],
        ["--version"],
        ["mirror", "--help"],
        ["device", "--help"],
        ["mirror", "--", "sleep", "0.1"],
        ["mirror", "--json", "--", "sleep", "0.1"],
        ["lab", "selftest", "--list"],
        ["lab", "selftest", "--filter", "hmm.hmm_device_private.open_close"],
        ["lab", "stress", "--driver", "svm", "--operations", "100", "--duration", "1"],
        ["lab", "explore", "--list"],
        ["lab", "explore", "--driver", "svm", "--schedules", "1", "--seconds", "1"],
        ["lab", "races", "--iterations", "10"],
        ["churn", "--duration", "1"],
    ];

    public static TheoryData<string, string> EveryCommandAndOutput
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string[] command in s_printing)
            {
                data.Add(string.Join(' ', command), ">/dev/full");
                data.Add(string.Join(' ', command), ">&-");
                data.Add(string.Join(' ', command), "| reader that is gone");
            }

            data.Add("device -- true", ">&-");
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(EveryCommandAndOutput))]
    public void Lost_standard_output(string command, string output)
    {
        using Mmun mmun = Run(command, output);
        string line = mmun.Refusal(CodeOf(command));
        Assert.StartsWith("Standard output ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help", "2>&-")]
    [InlineData("lab selftest --list", "2>&-")]
    [InlineData("mirror -- true", "2>&-")]
    [InlineData("device -- true", "2>&-")]
    [InlineData("mirror -- true", ">&- 2>&-")]
    [InlineData("no-such-command", "2>/dev/full")]
    [InlineData("mirror --pid 4194303", "2>/dev/full")]
    [InlineData("mirror --duration 4 -- sleep 4", "2>/dev/full")]
    [InlineData("lab selftest --list", ">/dev/full 2>/dev/full")]
    public void Lost_standard_error_leaves_the_exit_code(string command, string output)
    {
        using Mmun mmun = Run(command, output);
        Assert.Equal(CodeOf(command), mmun.WaitForExit());
        Assert.Equal("", mmun.Error);
    }

    [Fact]
    public void Standard_error_that_nothing_is_written_to_may_be_full()
    {
        using Mmun mmun = Run("lab selftest --list", "2>/dev/full");
        Assert.Equal(0, mmun.WaitForExit());
        Assert.NotEmpty(mmun.Output);
    }

    [Fact]
    public void A_target_goes_on_when_the_progress_of_its_mirror_cannot_be_shown()
    {
        using var target = new RunningTarget(Machine.Python, Machine.Script("counter.py"));
        target.ReadLine();
        using Mmun mmun = Run($"mirror --pid {target.Id}", "2>/dev/full");
        Assert.Equal(2, mmun.WaitForExit());
        target.AssertUnharmed();
    }

    /// <summary>Where the exit code of a program is passed on, ours are above 124.</summary>
    private static int CodeOf(string command) => command.StartsWith("device", StringComparison.Ordinal)
        || command.StartsWith("mirror --", StringComparison.Ordinal) && !command.Contains("--pid", StringComparison.Ordinal) ? 125 : 2;

    private static Mmun Run(string command, string output)
    {
        string[] before = output.StartsWith('|')
            ? [Machine.Python, "-c", ReaderIsGone]
            : ["sh", "-c", $"exec \"$@\" {output}", "sh"];
        return new Mmun(before, AppContext.BaseDirectory, command.Split(' '));
    }
}
