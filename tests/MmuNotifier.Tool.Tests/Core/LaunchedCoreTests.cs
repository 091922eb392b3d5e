using System.Diagnostics;
using System.Globalization;
using MmuNotifier.Tool.Tests.EndToEnd;

namespace MmuNotifier.Tool.Tests.Core;

/// <summary>Cores of programs that are launched, and of processes with their children.</summary>
[Collection(EndToEndGroup.Name)]
public sealed class LaunchedCoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mmun-launched").FullName;

    private string Core => Path.Combine(_folder, "core");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_launched_program_gets_its_core_after_a_time_and_ends_as_it_would()
    {
        using Mmun mmun = Mmun.Run("core", "-o", Core, "--after", "0.2", "--max-stop", "20000", "--", "sh", "-c", "sleep 20; echo ended");
        Assert.True(mmun.WaitForExit() == 0, mmun.Error);
        Assert.Contains("ended", mmun.Output, StringComparison.Ordinal);
        Assert.True(new FileInfo(Core).Length > 0);
    }

    [Fact]
    public void A_signal_asks_for_a_core()
    {
        using var mmun = new Mmun("core", "-o", Core, "--on-signal", "USR2", "--max-stop", "20000", "--", "sleep", "60");
        const int userSignal = 12;
        Patience.Until(() => ChildrenOf(mmun.ProcessId).Length > 0, "the program runs");
        Patience.Until(
            () =>
            {
                mmun.Signal(userSignal);
                return File.Exists(Core);
            },
            "a core is there");
        string child = ChildrenOf(mmun.ProcessId)[0];
        mmun.Signal(Mmun.Terminate);
        using (Process program = Process.GetProcessById(int.Parse(child, CultureInfo.InvariantCulture)))
            program.Kill(); // It goes on without mmun, and holds its output open.
        Assert.True(mmun.WaitForExit() == 0, mmun.Error);
    }

    [Fact]
    public void A_program_that_ends_before_has_no_core()
    {
        using Mmun mmun = Mmun.Run("core", "-o", Core, "--after", "100", "--", "true");
        Assert.Contains("has ended before its core was to be taken", mmun.Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_child_gets_a_core_of_its_own()
    {
        using Process shell = Process.Start("sh", ["-c", "sleep 100 & sleep 101 & wait"]);
        try
        {
            Patience.Until(() => ChildrenOf(shell.Id).Length == 2, "both children run");
            string id = shell.Id.ToString(CultureInfo.InvariantCulture);
            using Mmun mmun = Mmun.Run("core", "--pid", id, "-o", Core, "--children", "--max-stop", "20000");
            Assert.True(mmun.WaitForExit() == 0, mmun.Error);
            string[] expected = [Core, .. ChildrenOf(shell.Id).Select(child => $"{Core}.{child}")];
            Assert.Equal(expected.Order(), Directory.GetFiles(_folder).Order());
        }
        finally
        {
            shell.Kill(entireProcessTree: true);
        }
    }

    /// <summary>A child that ends between two steps is no reason to write no core.</summary>
    [Fact]
    public void Children_that_come_and_go_do_not_keep_the_others_from_their_cores()
    {
        using Process shell = Process.Start("sh", ["-c", "sleep 100 & while :; do /bin/true; sleep 0.02; done"]);
        try
        {
            string id = shell.Id.ToString(CultureInfo.InvariantCulture);
            string? lasting = null;
            Patience.Until(() => (lasting = ChildrenOf(shell.Id).FirstOrDefault(IsLasting)) is not null, "the child that lasts runs");
            for (int i = 0; i < 5; i++)
            {
                using Mmun mmun = Mmun.Run("core", "--pid", id, "-o", Core, "--children", "--max-stop", "20000");
                Assert.True(mmun.WaitForExit() == 0, mmun.Error);
                Assert.True(File.Exists(Core));
                Assert.True(File.Exists($"{Core}.{lasting}"));
                Assert.Empty(Directory.GetFiles(_folder, "*.part"));
            }
        }
        finally
        {
            shell.Kill(entireProcessTree: true);
        }
    }

    [Theory]
    [InlineData("core")]
    [InlineData("core --pid 1 --after 1")]
    [InlineData("core -- true")]
    [InlineData("core --pid 1 --children -o -")]
    public void What_makes_no_sense_is_refused_with_one_line(string command)
    {
        using Mmun mmun = Mmun.Run(command.Split(' '));
        Assert.NotEqual("", mmun.Refusal());
    }

    private static bool IsLasting(string child) =>
        ProcFile.TextIfRunning(int.Parse(child, CultureInfo.InvariantCulture), "cmdline") == "sleep\0100\0";

    private static string[] ChildrenOf(int processId) =>
        File.ReadAllText($"/proc/{processId}/task/{processId}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
