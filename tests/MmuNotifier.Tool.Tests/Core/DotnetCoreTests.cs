using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Diagnostics.Runtime;
using MmuNotifier.Tool.Tests.EndToEnd;

namespace MmuNotifier.Tool.Tests.Core;

/// <summary>Cores of .NET processes.</summary>
[Collection(EndToEndGroup.Name)]
public sealed class DotnetCoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mmun-dotnet").FullName;

    /// <summary>Of this process's runtime, which is the target's.</summary>
    private static string Dac { get; } = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "libmscordaccore.so");

    private string Core => Path.Combine(_folder, "core");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void It_is_stopped_outside_of_a_collection_and_the_command_opens_the_core()
    {
        using RunningTarget target = StartBusy();
        using Mmun mmun = TakeCore(target);
        Assert.Matches("outside a garbage collection|while a background garbage collection", mmun.Error);
        Assert.Equal($"dotnet-dump analyze {Core}", mmun.Output.Trim());
    }

    [Fact]
    public void Dotnet_dump_walks_its_heap_and_its_stacks()
    {
        Machine.Require("dotnet-dump");
        using RunningTarget target = StartBusy();
        using Mmun mmun = TakeCore(target);
        string shown = CoreTarget.Run(
            "dotnet-dump", "analyze", Core, "-c", "clrstack -all", "-c", "dumpheap -stat", "-c", "exit");
        Assert.Contains("BusyCollector", shown, StringComparison.Ordinal);
        Assert.Contains("System.Byte[]", shown, StringComparison.Ordinal);
        Assert.Contains("Churn", shown, StringComparison.Ordinal);
        Assert.Matches(@"Total [\d,]+ objects", shown);
    }

    /// <summary>
    /// Of some thirty stops at any moment one is in a collection, and two of three are while an object is made; then objects are invalid.
    /// MMUN_CORES says how many cores are taken.
    /// </summary>
    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public void The_heap_of_a_program_that_collects_all_the_time_can_be_walked(string serverCollector)
    {
        int cores = int.Parse(Environment.GetEnvironmentVariable("MMUN_CORES") ?? "3", CultureInfo.InvariantCulture);
        using RunningTarget target = StartBusy(serverCollector);
        using var mmun = new Mmun("core", "--pid", target.Id, "-o", Core, "--every", "0.2", "--keep", "1000", "--max-stop", "20000");
        for (int number = 1; number <= cores; number++)
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"{Core}.{number}");
            string report = "";
            Patience.Until(() => (report = ReportOn(path, mmun)).Length > 0 || mmun.HasEnded, $"core {number} is there");
            Assert.False(mmun.HasEnded, mmun.Error);
            Assert.Matches("(outside a garbage collection|while a background garbage collection swept)\\.$", report);
            Walk(path);
            File.Delete(path);
        }

        mmun.Signal(Mmun.Terminate);
        Assert.True(mmun.WaitForExit() == 0, mmun.Error);
    }

    /// <summary>What the waiting is good for. Without it four of ten cores have such an object.</summary>
    [Fact]
    public void Without_waiting_some_heaps_cannot_be_walked()
    {
        using RunningTarget target = StartBusy("1");
        const int most = 100;
        for (int number = 1; number <= most; number++)
        {
            using Mmun mmun = TakeCore(target, "--no-gc-wait");
            if (!CanBeWalked(Core))
                return;
        }

        Assert.Fail($"{most} cores were taken at any moment, and all heaps can be walked.");
    }

    private static bool CanBeWalked(string core)
    {
        using DataTarget dump = DataTarget.LoadDump(core);
        using ClrRuntime runtime = dump.ClrVersions.Single().CreateRuntime(Dac, ignoreMismatch: true);
        return runtime.Heap.CanWalkHeap && runtime.Heap.EnumerateObjects().All(found => found.IsValid);
    }

    private static string ReportOn(string path, Mmun mmun) =>
        mmun.Error.Split('\n')[..^1].FirstOrDefault(line => line.StartsWith(path + ":", StringComparison.Ordinal)) ?? "";

    private static void Walk(string core)
    {
        using DataTarget dump = DataTarget.LoadDump(core);
        // It finds no version of this runtime, in createdump's dumps neither, so that nothing would match.
        using ClrRuntime runtime = dump.ClrVersions.Single().CreateRuntime(Dac, ignoreMismatch: true);
        Assert.True(runtime.Heap.CanWalkHeap);
        long valid = 0;
        foreach (ClrObject found in runtime.Heap.EnumerateObjects())
        {
            Assert.True(found.IsValid, $"{found.Address:x} in {core} is no object.");
            valid++;
        }

        Assert.True(valid > 1000, $"There are only {valid} objects in {core}.");
        Assert.Contains(
            runtime.Threads,
            thread => thread.EnumerateStackTrace().Any(frame => frame.ToString()!.Contains("Churn", StringComparison.Ordinal)));
    }

    /// <summary>Its threads have made and kept arrays.</summary>
    private static RunningTarget StartBusy(string serverCollector = "0")
    {
        var target = new RunningTarget("env", $"DOTNET_gcServer={serverCollector}", "dotnet", Machine.BusyCollector, "3600");
        Assert.Equal("busy", target.ReadLine());
        return target;
    }

    private Mmun TakeCore(RunningTarget target, params string[] options)
    {
        Mmun mmun = Mmun.Run(["core", "--pid", target.Id, "-o", Core, "--max-stop", "20000", .. options]);
        Assert.True(mmun.WaitForExit() == 0, mmun.Error);
        return mmun;
    }
}
