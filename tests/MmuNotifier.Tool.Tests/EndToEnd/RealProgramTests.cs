using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace MmuNotifier.Tool.Tests.EndToEnd;

[Collection(EndToEndGroup.Name)]
public class RealProgramTests
{
    [Fact]
    public void A_python_program_with_threads_that_allocates_frees_forks_and_maps()
    {
        using Mmun mmun = Mmun.RunUntil(
            leastFreezes: 3,
            seconds: 5,
            seconds => new Mmun("mirror", "--json", "--verify", "0.5", "--", Machine.Python, Machine.Script("churn.py"), seconds),
            out JsonElement report);

        Assert.Contains("churn done", mmun.Error, StringComparison.Ordinal);
        Assert.Single(mmun.Output.TrimEnd('\n').Split('\n'));
        Assert.Equal(0, report.GetProperty("target").GetProperty("exitCode").GetInt32());
        JsonElement notifiers = report.GetProperty("notifiers");
        Assert.True(notifiers.GetProperty("split").GetInt64() > 0);
        Assert.True(notifiers.GetProperty("moved").GetInt64() > 0);
        Assert.True(notifiers.GetProperty("removed").GetInt64() > 0);
        Assert.True(notifiers.GetProperty("insideCallbacks").GetInt64() > 0);
        JsonElement invalidations = report.GetProperty("invalidations");
        Assert.True(invalidations.GetProperty("unmap").GetInt64() > 0);
        Assert.True(invalidations.GetProperty("clear").GetInt64() > 0);
        Assert.True(invalidations.GetProperty("written").GetInt64() > 0);
        if (Machine.IsRoot)
            Assert.True(invalidations.GetProperty("protectionPage").GetInt64() > 0);
    }

    [Fact]
    public void Memory_shared_with_a_child_and_files_written_behind_the_mapping()
    {
        using Mmun mmun = Mmun.RunUntil(
            leastFreezes: 3,
            seconds: 4,
            seconds => new Mmun("mirror", "--json", "--verify", "0.3", "--", Machine.Python, Machine.Script("shared.py"), seconds),
            out JsonElement report);

        Assert.Contains("shared done", mmun.Error, StringComparison.Ordinal);
        Assert.True(report.GetProperty("processes").GetArrayLength() >= 2);
        Assert.True(report.GetProperty("mirroredByReading").GetArrayLength() > 0);
    }

    [Fact]
    public void Protected_guarded_freed_droppable_and_huge_pages()
    {
        using Mmun mmun = Mmun.RunUntil(
            leastFreezes: 3,
            seconds: 4,
            seconds => new Mmun("mirror", "--json", "--verify", "0.3", "--", Machine.Python, Machine.Script("holes.py"), seconds),
            out JsonElement report);

        Assert.Contains("holes done", mmun.Error, StringComparison.Ordinal);
        JsonElement[] notMirrored = [.. report.GetProperty("notMirrored").EnumerateArray()];
        Assert.Contains(notMirrored, range => range.GetProperty("name").GetString() == "[vvar]");
        Assert.Contains(notMirrored, range => range.GetProperty("reason").GetString()!.Contains("mprotect", StringComparison.Ordinal));
    }

    [Fact]
    public void A_dotnet_program_with_a_busy_garbage_collector()
    {
        using Mmun mmun = Mmun.RunUntil(
            leastFreezes: 3,
            seconds: 5,
            seconds => new Mmun("mirror", "--json", "--verify", "0.5", "--", "dotnet", Machine.BusyCollector, seconds),
            out _);

        Assert.Contains("collections:", mmun.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Sort_of_a_large_file_run_by_a_shell()
    {
        Machine.Require("sort");
        string folder = Directory.CreateTempSubdirectory("mmun-sort").FullName;
        string input = Path.Combine(folder, "input");
        string output = Path.Combine(folder, "output");
        var random = new Random(1);
        File.WriteAllLines(input, Enumerable.Range(0, 1_500_000).Select(_ => random.Next().ToString(CultureInfo.InvariantCulture)));
        try
        {
            using var mmun = new Mmun(
                "mirror", "--json", "--verify", "0.2", "--", "sh", "-c", $"sort -n --parallel=2 -o {output} {input}; true");
            JsonElement report = mmun.GoodReport();

            Assert.Contains(
                report.GetProperty("children").EnumerateArray(), child => child.GetProperty("command").GetString() is "sort" or "sh");
            int[] sorted = [.. File.ReadLines(output).Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
            Assert.Equal(1_500_000, sorted.Length);
            Assert.True(sorted.Zip(sorted.Skip(1)).All(pair => pair.First <= pair.Second));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Redis_under_its_benchmark_while_it_saves()
    {
        Machine.Require("redis-server");
        Machine.Require("redis-benchmark");
        string folder = Directory.CreateTempSubdirectory("mmun-redis").FullName;
        string socket = Path.Combine(folder, "s");
        try
        {
            using var server = new RunningTarget("redis-server", "--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "");
            Assert.True(SpinWait.SpinUntil(() => File.Exists(socket), Patience.Limit));
            Run("redis-cli", "-s", socket, "debug", "populate", "50000", "key", "400");
            using Mmun mmun = Mmun.RunUntil(
                leastFreezes: 3, seconds: 5, seconds => Benchmark(server.Id, socket, seconds), out JsonElement report);

            Assert.Equal("PONG", Run("redis-cli", "-s", socket, "ping").Trim());
            Assert.True(report.GetProperty("pagesMirrored").GetInt64() > 5000);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Mmun Benchmark(string server, string socket, string seconds)
    {
        var mmun = new Mmun("mirror", "--json", "--verify", "0.7", "--duration", seconds, "--pid", server);
        Run("redis-benchmark", "-s", socket, "-t", "set", "-n", "100000", "-r", "50000", "-d", "400", "-q");
        Run("redis-cli", "-s", socket, "bgsave");
        Run("redis-benchmark", "-s", socket, "-t", "set", "-n", "50000", "-r", "50000", "-d", "400", "-q");
        return mmun;
    }

    private static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(Patience.Limit), $"{program} did not end");
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
