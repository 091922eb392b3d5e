using System.Globalization;

namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>
/// What cannot be done is said in one line, with an exit code of ours, and nothing is changed. (More refusals: AttachRefusalTests of
/// MmuNotifier.Linux.)
/// </summary>
[Collection(EndToEndGroup.Name)]
public class RefusalTests
{
    [Theory]
    [InlineData("Say what to mirror: --pid N for a running process, or -- PROGRAM ARGS... to launch one.", "mirror")]
    [InlineData("Give either --pid N or a program, not both.", "mirror", "--pid", "1", "--", "true")]
    [InlineData("--pid takes the number of a process, such as 4711; not 'abc'.", "mirror", "--pid", "abc")]
    [InlineData("--verify takes a number of seconds above 0", "mirror", "--verify", "0", "--", "true")]
    [InlineData("--duration takes a number of seconds above 0", "mirror", "--duration", "x", "--", "true")]
    [InlineData("There is no option '--nonsense'.", "mirror", "--nonsense")]
    [InlineData("There is no option '--verfy'. Did you mean --verify? (see mmun mirror --help)", "mirror", "--verfy", "1", "--", "true")]
    [InlineData("There is no option '--exery'. Did you mean --every?", "core", "--pid", "1", "--exery", "1")]
    [InlineData("--every takes a number of seconds above 0", "core", "--pid", "1", "--every", "0")]
    [InlineData("--keep takes a whole number from 1 to 2147483647; not '0'.", "core", "--pid", "1", "--every", "1", "--keep", "0")]
    [InlineData("--driver takes svm, odp, ", "lab", "stress", "--driver", "nonsense")]
    [InlineData("(see mmun lab stress --help)", "lab", "stress", "--driver", "nonsense")]
    [InlineData(
        "--driver takes svm, odp, odp-implicit, userptr, large, guest-memory or all; not 'lareg'. Did you mean large?",
        "lab", "stress", "--driver", "lareg")]
    [InlineData("--operations takes a whole number from 1 to ", "lab", "stress", "--operations", "many")]
    [InlineData("--seed takes a whole number from 0 to ", "lab", "explore", "--seed", "-1")]
    [InlineData("--seconds takes a number above 0", "lab", "explore", "--seconds", "0")]
    [InlineData(
        "--children takes follow or release; not 'nonsense'. (see mmun mirror --help)",
        "mirror", "--children", "nonsense", "--", "true")]
    [InlineData("There is no command 'nonsense'. (see mmun --help)", "nonsense")]
    [InlineData("There is no command 'mirorr'. Did you mean mirror? (see mmun --help)", "mirorr")]
    [InlineData("There is no command 'stress'. (see mmun --help)", "stress")]
    [InlineData("There is no command 'strss'. Did you mean stress? (see mmun lab --help)", "lab", "strss")]
    [InlineData("There is no command 'chrun'. Did you mean churn? (see mmun --help)", "help", "chrun")]
    [InlineData("There is no option '--vesion'. Did you mean --version? (see mmun --help)", "--vesion")]
    [InlineData("Required argument missing for option: '--verify'. (see mmun mirror --help)", "mirror", "--verify", "--", "true")]
    [InlineData("There is no argument 'now'. (see mmun churn --help)", "churn", "now")]
    public void Misuse_of_the_command_line_is_one_line_that_says_what_is_allowed(string expected, params string[] arguments)
    {
        using Mmun mmun = Mmun.Run(arguments);
        bool isOfProgram = arguments[0] is "mirror" && !arguments.Contains("--pid") && !arguments.Contains("--verify");
        Assert.Contains(expected, mmun.Refusal(isOfProgram ? 125 : 2), StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_that_does_not_exist()
    {
        using Mmun mmun = Mmun.Run("mirror", "--pid", "2147483647");
        Assert.Equal("There is no process 2147483647: look for the right number with ps or pgrep.", mmun.Refusal());
    }

    [Fact]
    public void A_kernel_thread()
    {
        Assert.SkipUnless(File.Exists("/proc/2/status"), "process 2 is not visible here");
        Assert.SkipUnless(
            File.ReadAllText("/proc/2/status").Contains("kthreadd", StringComparison.Ordinal), "process 2 is no kernel thread here");
        using Mmun mmun = Mmun.Run("mirror", "--pid", "2");
        Assert.Contains("is a thread of the kernel", mmun.Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_does_not_exist()
    {
        using Mmun mmun = Mmun.Run("mirror", "--", "no-such-program-anywhere");
        Assert.Contains("no-such-program-anywhere", mmun.Refusal(exitCode: 127), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_executable()
    {
        string file = Path.GetTempFileName();
        using Mmun mmun = Mmun.Run("mirror", "--", file);
        Assert.Contains(file, mmun.Refusal(exitCode: 126), StringComparison.Ordinal);
        File.Delete(file);
    }

    [Fact]
    public void A_process_that_is_being_mirrored_already_is_mirrored_by_reading()
    {
        using var target = new RunningTarget(Machine.Python, Machine.Script("counter.py"));
        target.ReadLine();
        using var first = new Mmun("mirror", "--pid", target.Id);
        Assert.True(SpinWait.SpinUntil(() => first.Error.Contains("mirrored", StringComparison.Ordinal), Patience.Limit));
        using var second = new Mmun("mirror", "--json", "--verify", "0.5", "--duration", "2", "--pid", target.Id);
        System.Text.Json.JsonElement report = second.GoodReport();

        Assert.Contains(
            report.GetProperty("mirroredByReading").EnumerateArray(),
            range => range.GetProperty("reason").GetString()!.Contains("EBUSY", StringComparison.Ordinal));
        first.Signal(Mmun.Terminate);
        Assert.Equal(0, first.WaitForExit());
        target.AssertUnharmed();
    }

    [Theory]
    [InlineData(38)]
    [InlineData(1)]
    public void A_process_whose_seccomp_filter_may_forbid_userfaultfd(int error)
    {
        // As an ordinary user: for root the kernel suspends the filter for the one call that is made inside the target.
        using var user = new OrdinaryUser();
        using RunningTarget target = OrdinaryUser.Target(
            Machine.Python, user.Script("forbidden.py"), error.ToString(CultureInfo.InvariantCulture));
        Assert.Equal("ready", target.ReadLine());
        using Mmun mmun = user.Mmun("mirror", "--pid", target.Id);

        Assert.Contains("runs under a seccomp filter", mmun.Refusal(), StringComparison.Ordinal);
        string status = File.ReadAllText($"/proc/{target.ProcessId}/status");
        Assert.Contains("TracerPid:\t0", status, StringComparison.Ordinal);
        Assert.Contains("(sleeping)", status, StringComparison.Ordinal);
    }
}
