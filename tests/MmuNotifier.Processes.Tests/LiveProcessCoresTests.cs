using System.IO.Pipes;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.Processes.Tests.Cores;
using MmuNotifier.Processes.Tests.Ptrace;

namespace MmuNotifier.Processes.Tests;

[Collection(PtraceGroup.Name)]
public sealed class LiveProcessCoresTests : IDisposable
{
    private static readonly CoreOptions s_patient = new() { MaxStop = Patience.Limit };

    private readonly string _folder = Directory.CreateTempSubdirectory("mmun-cores").FullName;

    private string FilePath => Path.Combine(_folder, "core");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Each_core_has_the_memory_and_the_threads_of_its_moment()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        ulong address = child.Address("anon(8192)");
        child.Call($"write({address}, 1)");
        using LiveProcess process = LiveProcessTests.Attach(child);

        CoreReport first = process.WriteCore(FilePath, s_patient);
        Assert.Equal([1], ElfFile.Open(FilePath).Read(address, 1)!);
        child.Call($"write({address}, 2)");
        CoreReport second = process.WriteCore(FilePath, s_patient);

        Assert.Equal([2], ElfFile.Open(FilePath).Read(address, 1)!);
        Assert.Equal((process.ProcessId, 1), (first.ProcessId, first.Threads));
        Assert.True(first.Stops >= 1 && first.Stop > TimeSpan.Zero && first.Segments > 0 && first.PagesCopiedRunning > 0);
        Assert.Null(first.Moment);
        Assert.Empty(second.Warnings);
        Assert.Single(Directory.EnumerateFiles(_folder));
        Assert.Equal(2, child.Call($"read({address})"));
    }

    [Fact]
    public void A_pipe_gets_the_whole_core()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        ulong address = child.Address("anon(4096)");
        child.Call($"write({address}, 9)");
        using LiveProcess process = LiveProcessTests.Attach(child);
        using var pipe = new AnonymousPipeServerStream(PipeDirection.In);
        var received = new MemoryStream();
        var reader = new Thread(() => pipe.CopyTo(received));
        reader.Start();

        using (var output = new SafeFileHandle(pipe.ClientSafePipeHandle.DangerousGetHandle(), ownsHandle: false))
            process.SendCore(output, s_patient);
        pipe.DisposeLocalCopyOfClientHandle();

        Assert.True(reader.Join(Patience.Limit));
        Assert.Equal([9], new ElfFile(received.ToArray()).Read(address, 1)!);
    }

    [Fact]
    public void A_core_that_cannot_be_written_leaves_the_file_and_the_process_as_they_were()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        using LiveProcess process = LiveProcessTests.Attach(child);
        File.WriteAllText(FilePath, "old");

        CoreException nowhere = Assert.Throws<CoreException>(() => process.WriteCore(Path.Combine(_folder, "nowhere", "core")));
        Assert.EndsWith("there is no such folder.", nowhere.Message, StringComparison.Ordinal);
        var impossible = new CoreOptions { MaxStop = TimeSpan.FromTicks(1) };
        CoreException stop = Assert.Throws<CoreException>(() => process.WriteCore(FilePath, impossible));
        Assert.Contains("cannot be taken with a stop of at most", stop.Message, StringComparison.Ordinal);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => process.WriteCore(FilePath, null, cancelled.Token));

        Assert.Equal("old", File.ReadAllText(FilePath));
        Assert.Single(Directory.EnumerateFiles(_folder));
        Assert.Equal(1, child.Call("1"));
        process.WriteCore(FilePath, s_patient);
    }
}
