namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>What mmun device leaves behind when it is killed: nothing. It needs no folder for temporary files.</summary>
[Collection(EndToEndGroup.Name)]
public class DeviceTracesTests
{
    private const int Killed = 137;

    [Theory]
    [InlineData("start")]
    [InlineData("open")]
    [InlineData("migrated")]
    [InlineData("request")]
    public void Killed_by_its_program_it_leaves_nothing(string moment)
    {
        RequireRoot();
        using var folder = new TemporaryFolder();
        using var program = new DeviceProgram("killing");
        using var mmun = new Mmun(folder.Prefix, AppContext.BaseDirectory, ["device", "--", program.Path, moment]);
        Assert.Equal(Killed, mmun.WaitForExit());
        string[] lines = mmun.Output.TrimEnd('\n').Split('\n');
        Assert.Equal("ok", lines[1]);
        folder.AssertEmpty();
        Assert.DoesNotContain(lines[0], File.ReadAllText("/proc/net/unix"), StringComparison.Ordinal);
    }

    [Fact]
    public void Killed_at_any_moment_of_its_start_it_leaves_nothing()
    {
        RequireRoot();
        using var folder = new TemporaryFolder();
        // Which moment it is does not matter for what must be true.
        for (int milliseconds = 0; milliseconds < 600; milliseconds += 60)
        {
            using var mmun = new Mmun(folder.Prefix, AppContext.BaseDirectory, ["device", "--", "cat"]);
            Thread.Sleep(milliseconds);
            mmun.TrySignal(Mmun.Kill);
            mmun.WaitForExit();
            folder.AssertEmpty();
        }
    }

    [Fact]
    public void It_runs_without_a_folder_for_temporary_files()
    {
        RequireRoot();
        using var mmun = new Mmun(["env", "TMPDIR=/no/such/folder"], AppContext.BaseDirectory, ["device", "--", "true"]);
        Assert.Equal(0, mmun.WaitForExit());
        Assert.Equal("", mmun.Error);
    }

    [Fact]
    public void It_runs_when_the_folder_for_temporary_files_is_full()
    {
        RequireRoot();
        Machine.Require("unshare");
        const int cannotMount = 77;
        const string fill = "mount -t tmpfs -o size=4k tmpfs \"$0\" || exit 77; cat /dev/zero >\"$0/full\"; TMPDIR=$0 exec \"$@\"";
        using var folder = new TemporaryFolder();
        using var program = new DeviceProgram("threads");
        using var mmun = new Mmun(
            ["unshare", "-m", "sh", "-c", $"exec 3>&2 2>/dev/null; {fill} 2>&3", folder.Path],
            AppContext.BaseDirectory,
            ["device", "--", program.Path]);
        int exitCode = mmun.WaitForExit();
        Assert.SkipWhen(exitCode == cannotMount, "nothing can be mounted here");
        Assert.True(exitCode == 0, mmun.Error);
        Assert.Equal("ok\n", mmun.Output);
        Assert.Equal("", mmun.Error);
    }

    private static void RequireRoot() => Assert.SkipUnless(Machine.IsRoot, "userfaultfd needs root");

    private sealed class TemporaryFolder : IDisposable
    {
        internal string Path { get; } = Directory.CreateTempSubdirectory("mmun-traces").FullName;

        internal string[] Prefix => ["env", $"TMPDIR={Path}"];

        // The runtime of every .NET program makes these, for debuggers.
        internal void AssertEmpty() => Assert.DoesNotContain(
            Directory.EnumerateFileSystemEntries(Path).Select(System.IO.Path.GetFileName),
            name => !name!.StartsWith("clr-debug-pipe-", StringComparison.Ordinal)
                && !name.StartsWith("dotnet-diagnostic-", StringComparison.Ordinal));

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
