using MmuNotifier.Tool.Tests.EndToEnd;

namespace MmuNotifier.Tool.Tests.Core;

/// <summary>What <c>mmun core</c> does beside a good core.</summary>
[Collection(EndToEndGroup.Name)]
public class CoreCommandTests
{
    [Fact]
    public void A_stream_is_a_core_as_well()
    {
        Machine.Require("gdb");
        using var target = new CoreTarget();
        string command = $"dotnet {Path.Combine(AppContext.BaseDirectory, "mmun.dll")} core --pid {target.Id} --max-stop 20000 -o - "
            + $"| cat > {target.Core}";
        CoreTarget.Run("sh", "-c", command);
        string shown = target.Gdb("p first->value - second->value", "thread apply all bt");
        Assert.Matches(@"\$1 = [01]\n", shown);
        Assert.Contains(" writer (", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void The_printed_command_opens_the_core_of_a_program_in_a_container()
    {
        Assert.SkipUnless(Machine.IsRoot, "needs root, to make a mount namespace");
        Machine.Require("gdb");
        using var target = new CoreTarget(isInContainer: true);
        using Mmun mmun = target.TakeCore();
        string command = mmun.Output.Trim();
        Assert.Contains($"/proc/{target.Id}/root", command, StringComparison.Ordinal);
        string shown = CoreTarget.Run("sh", "-c", command + " -nx -batch -ex 'p first->value - second->value' -ex 'thread apply all bt'");
        Assert.Matches(@"\$1 = [01]\n", shown);
        Assert.Contains(" writer (", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("?? ()", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stop_that_is_too_short_is_refused_with_one_line()
    {
        using var target = new CoreTarget();
        File.WriteAllText(target.Core, "before");
        using Mmun mmun = Mmun.Run("core", "--pid", target.Id, "-o", target.Core, "--max-stop", "0.001");
        Assert.Contains("cannot be taken with a stop of at most 0.001 ms", mmun.Refusal(), StringComparison.Ordinal);
        Assert.Equal("before", File.ReadAllText(target.Core));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(target.Core)!, "core*"));
    }

    [Fact]
    public void A_full_disk_is_one_line_and_no_file()
    {
        Assert.SkipUnless(Machine.IsRoot, "needs root, to mount a small file system");
        using var target = new CoreTarget();
        string folder = Directory.CreateTempSubdirectory("mmun-full").FullName;
        Assert.Equal("", CoreTarget.Run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder));
        try
        {
            using Mmun mmun = Mmun.Run("core", "--pid", target.Id, "-o", Path.Combine(folder, "core"), "--max-stop", "20000");
            Assert.Contains("no space is left on the device", mmun.Refusal(), StringComparison.Ordinal);
            Assert.Empty(Directory.GetFiles(folder));
        }
        finally
        {
            CoreTarget.Run("umount", folder);
            Directory.Delete(folder);
        }
    }

    [Fact]
    public void A_process_that_does_not_exist_is_refused()
    {
        string folder = Directory.CreateTempSubdirectory("mmun-none").FullName;
        using Mmun mmun = Mmun.Run("core", "--pid", "4194303", "-o", Path.Combine(folder, "core"));
        Assert.NotEqual("", mmun.Refusal());
        Assert.Empty(Directory.GetFiles(folder));
        Directory.Delete(folder);
    }
}
