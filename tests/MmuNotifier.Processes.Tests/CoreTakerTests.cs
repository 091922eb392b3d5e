using System.Diagnostics;
using System.Globalization;
using MmuNotifier.Processes.Tests.Cores;
using MmuNotifier.Processes.Tests.Ptrace;

namespace MmuNotifier.Processes.Tests;

[Collection(PtraceGroup.Name)]
public sealed class CoreTakerTests : IDisposable
{
    private static readonly CoreOptions s_patient = new() { MaxStop = Patience.Limit };

    private readonly string _folder = Directory.CreateTempSubdirectory("mmun-cores").FullName;

    private string FilePath => Path.Combine(_folder, "core");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_series_keeps_its_last_cores_and_each_has_the_memory_of_its_moment()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        ulong address = child.Address("anon(8192)");
        child.Call($"write({address}, 1)");
        using CoreTaker taker = MakeTaker();
        using CoreSeries series = taker.BeginSeries((int)child.Call("os.getpid()"), FilePath, keep: 1);
        var reports = new List<CoreReport>();

        series.Write(reports.Add);
        Assert.Equal([1], ElfFile.Open(FilePath + ".1").Read(address, 1)!);
        child.Call($"write({address}, 2)");
        series.Write(reports.Add);

        Assert.Equal([2], ElfFile.Open(FilePath + ".2").Read(address, 1)!);
        Assert.Equal([FilePath + ".2"], Directory.GetFiles(_folder));
        Assert.Equal([FilePath + ".1", FilePath + ".2"], reports.Select(report => report.Path!));
        Assert.Equal((2, false), (series.Count, series.HasExited));
        Assert.Empty(series.LeftOut);
    }

    [Fact]
    public void A_launched_program_and_its_child_have_a_core_each_and_are_let_go()
    {
        using CoreTaker taker = MakeTaker(withDescendants: true);
        using LaunchedProgram program = taker.Launch("sh", ["-c", "sleep 100 & wait"]);
        string children = string.Create(
            CultureInfo.InvariantCulture, $"/proc/{program.ProcessId}/task/{program.ProcessId}/children");
        Patience.Until(() => File.ReadAllText(children).Length > 0, "its child runs");
        int child = int.Parse(File.ReadAllText(children), CultureInfo.InvariantCulture);
        Patience.Until(() => ProcessStatus.ReadWithoutStart(child) is { Name: "sleep" }, "the child has executed its program");
        var reports = new List<CoreReport>();

        taker.Write(program.ProcessId, FilePath, reports.Add);

        Assert.Equal([program.ProcessId, child], reports.Select(report => report.ProcessId));
        Assert.Equal([FilePath, $"{FilePath}.{child}"], reports.Select(report => report.Path!));
        Assert.All(reports, report => Assert.True(File.Exists(report.Path) && !report.HasDotnetRuntime));
        Assert.Empty(taker.LeftOut);
        Assert.Null(program.WaitForExit(TimeSpan.Zero));
        using (Process sleep = Process.GetProcessById(child))
            sleep.Kill();
        Assert.Equal(0, program.WaitForExit(Patience.Limit));
    }

    private static CoreTaker MakeTaker(bool withDescendants = false)
    {
        try
        {
            return new CoreTaker(s_patient, withDescendants);
        }
        catch (ProcessAttachException refusal)
        {
            Assert.Skip(refusal.Message);
            throw;
        }
    }
}
