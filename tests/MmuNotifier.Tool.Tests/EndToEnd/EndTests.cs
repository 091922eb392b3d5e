using System.Diagnostics;
using System.Text.Json;

namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>A launched program is compared once more with what it leaves when it ends.</summary>
[Collection(EndToEndGroup.Name)]
public class EndTests
{
    private const string WritesUntilTheEnd = """
        import ctypes, mmap, os, signal, sys, threading, time
        memory = mmap.mmap(-1, 4 << 20)
        end = time.time() + 1
        while time.time() < end:
            for page in range(0, 4 << 20, 4096):
                memory[page] = (memory[page] + 1) % 251
        sys.stdout.write("last words")
        sys.stdout.flush()
        """;

    [Theory]
    [InlineData("os._exit(7)", 7)]
    [InlineData("sys.exit(0)", 0)]
    [InlineData("os.kill(os.getpid(), signal.SIGKILL)", 137)]
    [InlineData("ctypes.string_at(0)", 139)]
    [InlineData("threading.Thread(target=os._exit, args=(3,)).start(); time.sleep(60)", 3)]
    public void What_a_program_leaves_is_compared(string ending, int exitCode)
    {
        using var mmun = new Mmun("mirror", "--json", "--verify", "60", "--", Machine.Python, "-c", WritesUntilTheEnd + "\n" + ending);
        JsonElement report = mmun.GoodReport();

        JsonElement last = report.GetProperty("freezes").EnumerateArray().Last();
        Assert.True(last.GetProperty("afterEnd").GetBoolean());
        Assert.Equal(0, last.GetProperty("pauseMicros").GetInt64());
        Assert.True(last.GetProperty("pagesCompared").GetInt64() >= 1024, "The pages written last were not compared.");
        Assert.Equal(exitCode, report.GetProperty("target").GetProperty("exitCode").GetInt32());
        Assert.Contains("last words", mmun.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_shortest_program_is_compared()
    {
        using var mmun = new Mmun("mirror", "--json", "--verify", "60", "--", "true");
        Assert.Equal(0, mmun.GoodReport().GetProperty("target").GetProperty("exitCode").GetInt32());
    }

    [Fact]
    public void Nothing_that_holds_the_memory_outlives_the_mirror()
    {
        using var mmun = new Mmun("mirror", "--", "sleep", "4711");
        int[] Sleepers() => [.. Process.GetProcessesByName("sleep").Where(IsOurs).Select(process => process.Id)];
        Assert.True(SpinWait.SpinUntil(() => Sleepers().Length == 2, TimeSpan.FromSeconds(30)), "program and holder");
        mmun.Signal(Mmun.Kill);
        Assert.True(SpinWait.SpinUntil(() => Sleepers().Length == 1, TimeSpan.FromSeconds(30)), "the program alone");
        using Process program = Process.GetProcessById(Assert.Single(Sleepers()));
        program.Kill();
    }

    private static bool IsOurs(Process process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/cmdline").Contains("4711", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
