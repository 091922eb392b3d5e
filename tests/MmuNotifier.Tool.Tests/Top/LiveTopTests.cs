using System.Globalization;
using MmuNotifier.Tool.Tests.EndToEnd;

namespace MmuNotifier.Tool.Tests.Top;

/// <summary>mmun top in a real terminal.</summary>
[Collection(EndToEndGroup.Name)]
public sealed class LiveTopTests : IDisposable
{
    private static readonly Dictionary<string, string> s_plain = [];

    private readonly NativeTarget _program = new("leaks");
    private readonly RunningTarget _target;

    public LiveTopTests()
    {
        _target = new RunningTarget(_program.Program);
        _ = _target.ReadLine();
    }

    [Fact]
    public void It_shows_the_leak_and_follows_keys_and_the_size_of_the_terminal()
    {
        using var terminal = new PseudoTerminal(100, 30, s_plain, "top", "--pid", _target.Id);
        terminal.WaitFor("[heap]");
        terminal.WaitFor("  +");
        Assert.True(terminal.IsAlternate);
        Assert.False(terminal.IsCursorShown);
        Assert.True(terminal.HasColours);
        terminal.Press("s");
        terminal.WaitFor("sort: written");
        terminal.Press("/heap\r");
        terminal.WaitFor("[heap]", "libc");
        terminal.Press("\r");
        terminal.WaitFor("one character is a page");
        terminal.Press("\e");
        terminal.WaitFor("MAPPING");
        terminal.Resize(60, 12);
        terminal.WaitFor("EV/s PAGES", "TREND");
        terminal.Resize(40, 12);
        terminal.WaitFor("mmun top needs 60 columns");
        terminal.Resize(160, 40);
        terminal.WaitFor("ADDRESS");
        terminal.Press("?");
        terminal.WaitFor("Esc goes back");
        terminal.Press("?p");
        terminal.WaitFor("PAUSED");
        terminal.Press("pq");
        Assert.Equal((0, true), terminal.WaitForEnd());
        Assert.False(terminal.IsAlternate);
        Assert.True(terminal.IsCursorShown);
        Assert.True(terminal.HasUsualKeys);
        _target.AssertUnharmed();
    }

    [Theory]
    [InlineData(Mmun.Interrupt)]
    [InlineData(Mmun.Terminate)]
    [InlineData(Mmun.HangUp)]
    [InlineData(Mmun.Quit)]
    public void Each_signal_ends_it_with_the_terminal_as_it_was(int signal)
    {
        using var terminal = new PseudoTerminal(80, 24, s_plain, "top", "--pid", _target.Id);
        terminal.WaitFor("[heap]");
        terminal.Signal(signal);
        AssertEnded(terminal);
    }

    [Fact]
    public void Control_c_ends_it_also_while_the_filter_is_typed()
    {
        using var terminal = new PseudoTerminal(80, 24, s_plain, "top", "--pid", _target.Id);
        terminal.WaitFor("[heap]");
        terminal.Press("/abc");
        terminal.WaitFor("filter: abc");
        terminal.Press("\x03");
        AssertEnded(terminal);
    }

    [Fact]
    public void A_terminal_that_goes_away_ends_it()
    {
        using var terminal = new PseudoTerminal(80, 24, s_plain, "top", "--pid", _target.Id);
        terminal.WaitFor("[heap]");
        terminal.HangUp();
        _ = terminal.WaitForEnd();
        _target.AssertUnharmed();
    }

    [Fact]
    public void The_end_of_the_process_ends_it()
    {
        using var terminal = new PseudoTerminal(80, 24, s_plain, "top", "--pid", _target.Id);
        terminal.WaitFor("[heap]");
        _target.Kill();
        Assert.Equal((0, true), terminal.WaitForEnd());
        Assert.False(terminal.IsAlternate);
        Assert.Contains($"mmun: Process {_target.Id} has ended.", terminal.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_launched_program_its_exit_code_is_shown_and_not_its_output()
    {
        using var terminal = new PseudoTerminal(
            80, 24, s_plain, "top", "--", "sh", "-c", "while sleep 0.1; do echo nobody $((6 * 7)); [ $((i += 1)) -lt 20 ] || exit 3; done");
        terminal.WaitFor("MAPPING");
        Assert.Equal((0, true), terminal.WaitForEnd());
        Assert.Contains("has ended with exit code 3.", terminal.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("nobody 42", terminal.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_executes_another_one_is_followed()
    {
        using var terminal = new PseudoTerminal(
            100, 30, s_plain, "top", "--", "sh", "-c", "sleep 1; exec " + Machine.Python + " " + Machine.Script("counter.py"));
        terminal.WaitFor("counter.py");
        terminal.WaitFor("/python3", "/dash");
        terminal.Press("q");
        Assert.Equal((0, true), terminal.WaitForEnd());
    }

    [Fact]
    public void NO_COLOR_gives_no_colours()
    {
        using var terminal = new PseudoTerminal(80, 24, new() { ["NO_COLOR"] = "1" }, "top", "--pid", _target.Id);
        terminal.WaitFor("[heap]");
        Assert.False(terminal.HasColours);
        terminal.Press("q");
        AssertEnded(terminal);
    }

    [Fact]
    public void A_terminal_that_can_do_nothing_gets_one_snapshot()
    {
        using var terminal = new PseudoTerminal(80, 24, new() { ["TERM"] = "dumb" }, "top", "--pid", _target.Id);
        Assert.Equal((0, true), terminal.WaitForEnd());
        Assert.Contains("[heap]", terminal.Text, StringComparison.Ordinal);
        Assert.Contains(_target.ProcessId.ToString(CultureInfo.InvariantCulture), terminal.Text, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _target.Dispose();
        _program.Dispose();
    }

    private void AssertEnded(PseudoTerminal terminal)
    {
        Assert.Equal((0, true), terminal.WaitForEnd());
        Assert.False(terminal.IsAlternate);
        Assert.True(terminal.IsCursorShown);
        Assert.True(terminal.HasUsualKeys);
        _target.AssertUnharmed();
    }
}
