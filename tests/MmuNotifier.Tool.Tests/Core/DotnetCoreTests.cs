using MmuNotifier.Tool.Tests.EndToEnd;

namespace MmuNotifier.Tool.Tests.Core;

/// <summary>Cores of .NET processes.</summary>
[Collection(EndToEndGroup.Name)]
public sealed class DotnetCoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mmun-dotnet").FullName;

    private string Core => Path.Combine(_folder, "core");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void It_is_stopped_outside_of_a_collection_and_the_command_opens_the_core()
    {
        using var target = new RunningTarget("dotnet", Machine.BusyCollector, "120");
        using Mmun mmun = TakeCore(target);
        Assert.Matches("outside a garbage collection|while a background garbage collection", mmun.Error);
        Assert.Equal($"dotnet-dump analyze {Core}", mmun.Output.Trim());
    }

    [Fact]
    public void Dotnet_dump_walks_its_heap_and_its_stacks()
    {
        Machine.Require("dotnet-dump");
        using var target = new RunningTarget("dotnet", Machine.BusyCollector, "120");
        using Mmun mmun = TakeCore(target);
        string shown = CoreTarget.Run(
            "dotnet-dump", "analyze", Core, "-c", "clrstack -all", "-c", "dumpheap -stat", "-c", "exit");
        Assert.Contains("BusyCollector", shown, StringComparison.Ordinal);
        Assert.Contains("System.Byte[]", shown, StringComparison.Ordinal);
        Assert.Contains("Churn", shown, StringComparison.Ordinal);
        Assert.Matches(@"Total [\d,]+ objects", shown);
    }

    private Mmun TakeCore(RunningTarget target)
    {
        // The runtime has to be there first.
        Patience.Until(
            () => File.ReadAllText($"/proc/{target.ProcessId}/maps").Contains("libclrjit.so", StringComparison.Ordinal),
            "the runtime runs");
        Mmun mmun = Mmun.Run("core", "--pid", target.Id, "-o", Core, "--max-stop", "20000");
        Assert.True(mmun.WaitForExit() == 0, mmun.Error);
        return mmun;
    }
}
