using System.Diagnostics;

namespace MmuNotifier.Processes.Tests.Ptrace;

[Collection(PtraceGroup.Name)]
public sealed class ProgramLauncherTests : IDisposable
{
    private readonly PtraceThread _thread = new();

    public void Dispose() => _thread.Dispose();

    [Fact]
    public void A_program_is_stopped_before_its_first_instruction()
    {
        string witness = Path.GetTempFileName();
        using LaunchedProgram program = Launch("sh", "-c", $"echo started > {witness}");
        Thread.Sleep(50);
        Assert.Equal('t', ProcessStatus.ReadWithoutStart(program.ProcessId)!.State);
        Assert.Empty(File.ReadAllText(witness));
        using TargetMappings mappings = TargetMappings.Of(program.ProcessId);
        Assert.DoesNotContain(mappings.All, mapping => mapping.Name.Contains("libc", StringComparison.Ordinal));
        program.Stopped.Release();
        Assert.Equal(0, program.WaitForExit(Patience.Limit));
        Assert.Equal("started\n", File.ReadAllText(witness));
        File.Delete(witness);
    }

    [Theory]
    [InlineData("exit 7", 7)]
    [InlineData("kill -TERM $$", 128 + 15)]
    [InlineData("sleep 0.2", 0)]
    public async Task The_exit_code_is_given_though_the_runtime_reaps_children_of_its_own(string script, int expected)
    {
        for (int i = 0; i < 10; i++)
        {
            using Process other = Process.Start("true");
            using LaunchedProgram program = Launch("sh", "-c", script);
            using Process another = Process.Start("sleep", "0.05");
            program.Stopped.Release();
            Assert.Equal(expected, program.WaitForExit(Patience.Limit));
            await another.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, another.ExitCode);
        }
    }

    [Fact]
    public void A_program_that_is_not_stopped_any_more_can_be_frozen()
    {
        // It ends when it has read a line, and not before, however long the freezes take.
        string pipe = Path.Combine(Directory.CreateTempSubdirectory("mmunotifier-pipe").FullName, "pipe");
        using (Process maker = Process.Start("mkfifo", [pipe]))
            maker.WaitForExit();
        using LaunchedProgram program = Launch("sh", "-c", $"read line < {pipe}");
        Assert.Null(program.WaitForExit(TimeSpan.Zero));
        program.Stopped.Release();
        for (int i = 0; i < 50; i++)
            StoppedProcess.Freeze(_thread, program.ProcessId, Patience.Limit).Dispose();
        UserfaultfdInjection.Create(_thread, program.ProcessId).Handle.Dispose();
        File.WriteAllText(pipe, "\n");
        Assert.Equal(0, program.WaitForExit(Patience.Limit));
    }

    [Fact]
    public void A_userfaultfd_is_made_before_the_first_instruction()
    {
        using LaunchedProgram program = Launch("sleep", "0.05");
        using (UserfaultfdInjection.Create(program.Stopped).Handle)
            program.Stopped.Release();
        Assert.Equal(0, program.WaitForExit(Patience.Limit));
    }

    [Fact]
    public void The_program_finds_environment_folder_descriptors_and_signals_as_if_started_directly()
    {
        const string probe = "env | grep -v ^_= | sort; pwd; ls /proc/self/fd; grep -E 'SigBlk|SigPnd|ShdPnd|SigCgt' /proc/self/status; "
            + "ps -o stat= -p $$ | cut -c1; cat /proc/self/status | grep Seccomp:";
        string direct = Path.GetTempFileName(), launched = Path.GetTempFileName();
        using (Process process = Process.Start("sh", ["-c", $"({probe}) > {direct}"]))
            process.WaitForExit();
        using (LaunchedProgram program = Launch("sh", "-c", $"({probe}) > {launched}"))
        {
            program.Stopped.Release();
            Assert.Equal(0, program.WaitForExit(Patience.Limit));
        }

        Assert.Equal(File.ReadAllText(direct), File.ReadAllText(launched));
        File.Delete(direct);
        File.Delete(launched);
    }

    [Fact]
    public void Broken_pipes_end_the_program_as_they_should()
    {
        using LaunchedProgram program = Launch("sh", "-c", "kill -PIPE $$; exit 3");
        program.Stopped.Release();
        Assert.Equal(128 + 13, program.WaitForExit(Patience.Limit));
    }

    [Fact]
    public void Output_goes_to_standard_error_on_request()
    {
        using LaunchedProgram program = ProgramLauncher.Launch(
            _thread, "sh", ["-c", "[ /proc/self/fd/1 -ef /proc/self/fd/2 ]"], ProgramStreams.OutputToError);
        program.Stopped.Release();
        Assert.Equal(0, program.WaitForExit(Patience.Limit));
    }

    [Fact]
    public void A_script_without_an_interpreter_line_is_launched()
    {
        string script = Executable("exit 5\n");
        using LaunchedProgram program = Launch(script);
        program.Stopped.Release();
        Assert.Equal(5, program.WaitForExit(Patience.Limit));
    }

    [Fact]
    public void What_cannot_be_launched_is_refused_in_clear_words()
    {
        AssertRefused("mmunotifier-no-such-program", "There is no program \"mmunotifier-no-such-program\" in PATH: give its full path.");
        AssertRefused("/nowhere/program", "There is no program /nowhere/program: check the path.");
        AssertRefused("/etc/passwd", "/etc/passwd may not be executed: chmod +x it, or launch its interpreter.");
        AssertRefused("/tmp", "/tmp is a directory, not a program: give the program's own path.");
        string broken = Executable("#!/nowhere/interpreter\n");
        AssertRefused(broken, $"{broken} could not be executed (exit code 127): run it by hand to see why.");
    }

    [Fact]
    public void A_program_killed_at_its_first_instruction_is_reaped()
    {
        using LaunchedProgram program = Launch("sleep", "5");
        Tools.Signal(program.ProcessId, Tools.SigKill);
        program.Stopped.Release();
        Assert.Equal(128 + Tools.SigKill, program.WaitForExit(Patience.Limit));
        Assert.Null(ProcessStatus.ReadWithoutStart(program.ProcessId));
    }

    private static string Executable(string text)
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("mmunotifier-script").FullName, "program");
        File.WriteAllText(path, text);
        using Process opener = Process.Start("chmod", ["+x", path]);
        opener.WaitForExit();
        return path;
    }

    private void AssertRefused(string program, string message) =>
        Assert.Equal(message, Assert.Throws<ProcessAttachException>(() => Launch(program)).Message);

    private LaunchedProgram Launch(string program, params string[] arguments) => ProgramLauncher.Launch(_thread, program, arguments);
}
