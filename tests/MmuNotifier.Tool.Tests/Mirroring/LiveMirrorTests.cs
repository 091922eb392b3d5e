using System.Diagnostics;
using System.Globalization;
using MmuNotifier.Tool.Tests.EndToEnd;
using MmuNotifier.Tool.Tests.Top;

namespace MmuNotifier.Tool.Tests.Mirroring;

/// <summary>mmun mirror in a real terminal.</summary>
[Collection(EndToEndGroup.Name)]
public sealed class LiveMirrorTests : IDisposable
{
    private static readonly Dictionary<string, string> s_plain = [];

    private readonly NativeTarget _program = new("leaks");
    private readonly RunningTarget _target;

    public LiveMirrorTests()
    {
        _target = new RunningTarget(_program.Program);
        _ = _target.ReadLine();
    }

    [Fact]
    public void It_shows_the_leak_and_leaves_a_report_on_a_usual_screen()
    {
        using var terminal = new PseudoTerminal(100, 30, s_plain, "mirror", "--pid", _target.Id, "--verify", "0.5");
        terminal.WaitFor("[heap]");
        terminal.WaitFor("  +");
        terminal.WaitFor("nothing differs; ");
        Assert.False(terminal.IsAlternate);
        Assert.True(terminal.HasColours);
        terminal.Press("\x03");
        Assert.Equal(0, terminal.WaitForEnd().ExitCode);
        Assert.True(terminal.IsCursorShown);
        Assert.True(terminal.HasUsualKeys);
        Assert.DoesNotContain("MAPPING", terminal.Text, StringComparison.Ordinal);
        Assert.Contains("OK: ", terminal.Text, StringComparison.Ordinal);
        _target.AssertUnharmed();
    }

    [Fact]
    public void Each_program_of_a_tree_has_rows_under_its_name()
    {
        using var tree = new RunningTarget("sh", "-c", "sleep 60 & sleep 70 & echo ready; wait");
        Assert.Equal("ready", tree.ReadLine());
        using var terminal = new PseudoTerminal(100, 30, s_plain, "mirror", "--pid", tree.Id);
        terminal.WaitFor("3 programs");
        terminal.WaitFor("sleep  ");
        terminal.Press("\x03");
        Assert.Equal(0, terminal.WaitForEnd().ExitCode);
        foreach (Process child in Process.GetProcessesByName("sleep").Where(each => IsChildOf(each, tree.ProcessId)))
            child.Kill();
    }

    [Fact]
    public void What_a_launched_program_prints_is_not_drawn_over()
    {
        using var terminal = new PseudoTerminal(
            100, 30, s_plain, "mirror", "--", "sh", "-c", "for i in 1 2 3 4 5 6; do echo printed $i; sleep 0.5; done");
        Assert.Equal(0, terminal.WaitForEnd().ExitCode);
        Assert.All(Enumerable.Range(1, 6), i => Assert.Contains($"printed {i}\n", terminal.Text + "\n", StringComparison.Ordinal));
        Assert.Contains(" mirrored of ", terminal.Text, StringComparison.Ordinal);
    }

    private static bool IsChildOf(Process process, int parent)
    {
        string[] fields = File.ReadAllText($"/proc/{process.Id}/stat").Split(' ');
        return int.Parse(fields[3], CultureInfo.InvariantCulture) == parent;
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("mirror --json -- true")]
    [InlineData("churn --duration 1")]
    public void Every_command_leaves_the_keys_as_they_were(string command)
    {
        using var terminal = new PseudoTerminal(100, 30, s_plain, command.Split(' '));
        Assert.Equal(0, terminal.WaitForEnd().ExitCode);
        Assert.True(terminal.HasUsualKeys);
    }

    public void Dispose()
    {
        _target.Dispose();
        _program.Dispose();
    }
}
