using System.Globalization;
using System.Text.RegularExpressions;
using MmuNotifier.Tool.Tests.EndToEnd;

namespace MmuNotifier.Tool.Tests.Core;

/// <summary>Debuggers open the core, and show what the target knows of itself.</summary>
[Collection(EndToEndGroup.Name)]
public partial class DebuggerTests
{
    private const int Sleepers = 3;

    [Fact]
    public void Gdb_shows_one_moment_of_memory_that_changes_all_the_time()
    {
        Machine.Require("gdb");
        using var target = new CoreTarget(sleepers: Sleepers);
        for (int i = 0; i < 3; i++)
        {
            using Mmun mmun = target.TakeCore();
            string shown = target.Gdb(
                "p first->value", "p second->value", "p round_number", "set $node = (struct node *)chain", "set $count = 0",
                "set $different = 0", "while $node != 0", "set $count = $count + 1",
                "set $different = $different + ($node->value != chain->value)",
                "set $node = $node->next", "end", "p $count", "p $different", "p chain->value");
            long[] values = CoreTarget.ValuesIn(shown);

            // Stopped between two increments the first is ahead by one.
            Assert.InRange(values[0] - values[1], 0, 1);
            Assert.True(values[0] > 0);
            Assert.Equal(64, values[3]);
            // Stopped while the chain is built again, its end has the next number already.
            Assert.InRange(values[4], 0, 63);
            Assert.InRange(values[5] - values[2], 0, 1);
        }
    }

    [Fact]
    public void Gdb_shows_every_thread_at_its_depth_with_its_registers()
    {
        Machine.Require("gdb");
        using var target = new CoreTarget(sleepers: Sleepers);
        using Mmun mmun = target.TakeCore();
        string shown = target.Gdb("thread apply all bt", "info auxv", "p $_siginfo.si_signo", "p $ymm0", "info sharedlibrary");

        int[] depths = [.. shown.Split("\nThread ").Select(thread => DeepFrame().Count(thread)).Where(count => count > 0).Order()];
        Assert.Equal(Enumerable.Range(0, Sleepers).Select(i => CoreTarget.Depth + i + 1), depths);
        Assert.Contains(" writer (", shown, StringComparison.Ordinal);
        Assert.Contains(" builder (", shown, StringComparison.Ordinal);
        Assert.Contains(" main (", shown, StringComparison.Ordinal);
        Assert.Contains("AT_SYSINFO_EHDR", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("<unavailable>", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("corrupt", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("too small", shown, StringComparison.Ordinal);
        Assert.Contains("libc.so", shown, StringComparison.Ordinal);
    }

    /// <summary>Without a build ID gdb looks for one wherever a segment begins.</summary>
    [Fact]
    public void Gdb_shows_every_thread_of_a_static_program_without_a_build_id_once()
    {
        Machine.Require("gdb");
        using var target = new CoreTarget(sleepers: Sleepers, isStatic: true);
        int threads = Directory.GetDirectories($"/proc/{target.Id}/task").Length;
        using Mmun mmun = target.TakeCore();
        Assert.Equal(threads, ThreadLine().Count(target.Gdb("info threads")));
    }

    [Fact]
    public void Lldb_shows_every_thread_at_its_depth()
    {
        Machine.Require("lldb");
        using var target = new CoreTarget(sleepers: Sleepers);
        using Mmun mmun = target.TakeCore();
        string shown = CoreTarget.Run("lldb", "--no-lldbinit", "-b", "-c", target.Core, target.Program, "-o", "bt all");

        int[] depths = [.. shown.Split("thread #").Select(thread => LldbFrame().Count(thread)).Where(count => count > 0).Order()];
        Assert.Equal(Enumerable.Range(0, Sleepers).Select(i => CoreTarget.Depth + i + 1), depths);
    }

    [Fact]
    public void Elfutils_show_every_thread_at_its_depth()
    {
        Machine.Require("eu-stack");
        using var target = new CoreTarget(sleepers: Sleepers);
        using Mmun mmun = target.TakeCore();
        string shown = CoreTarget.Run("eu-stack", "--core", target.Core, "-e", target.Program);

        int[] depths = [.. shown.Split("TID ").Select(thread => DeepFunction().Count(thread)).Where(count => count > 0).Order()];
        Assert.Equal(Enumerable.Range(0, Sleepers).Select(i => CoreTarget.Depth + i + 1), depths);
    }

    [Fact]
    public void The_command_that_it_prints_opens_the_core()
    {
        Machine.Require("gdb");
        using var target = new CoreTarget();
        using Mmun mmun = target.TakeCore();
        Assert.Equal($"gdb {target.Program} {target.Core}", mmun.Output.Trim());
    }

    [Fact]
    public void Excluded_memory_is_left_out_unless_it_is_asked_for()
    {
        Machine.Require("gdb");
        using var target = new CoreTarget();
        string[] commands = [.. Enumerable.Range(0, 3).Select(i => Print(target.Addresses[3] + ((ulong)i * 4096)))];
        using (Mmun mmun = target.TakeCore())
            Assert.Equal([0x5ec4e7, 0, 0x5ec4e7], CoreTarget.ValuesIn(target.Gdb(commands)));
        using (Mmun mmun = target.TakeCore("--include-dontdump"))
            Assert.Equal([0x5ec4e7, 0x5ec4e7, 0x5ec4e7], CoreTarget.ValuesIn(target.Gdb(commands)));
    }

    [Fact]
    public void Memory_that_the_program_has_forbidden_itself_is_there()
    {
        Machine.Require("gdb");
        using var target = new CoreTarget();
        using Mmun mmun = target.TakeCore();
        Assert.Equal([0xf0b1dde], CoreTarget.ValuesIn(target.Gdb(Print(target.Addresses[4]))));
    }

    private static string Print(ulong address) => string.Create(CultureInfo.InvariantCulture, $"p *(long *){address}");

    [GeneratedRegex(@"^\*? +\d+ +(Thread|LWP)", RegexOptions.Multiline)]
    private static partial Regex ThreadLine();

    [GeneratedRegex(@"^#\d+ .* deep \(", RegexOptions.Multiline)]
    private static partial Regex DeepFrame();

    [GeneratedRegex("frame #.*`deep")]
    private static partial Regex LldbFrame();

    [GeneratedRegex("^#.* deep( |$)", RegexOptions.Multiline)]
    private static partial Regex DeepFunction();
}
