using MmuNotifier.Processes.Mirroring;

namespace MmuNotifier.Processes.Tests.Mirror;

/// <summary>A program that runs, with a mirror that a test moves step by step.</summary>
internal sealed class LaunchedMirror : IDisposable
{
    private const ulong PageBytes = 4096;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ProcessWatcher _watcher = new();
    private readonly LaunchedProgram _program;

    internal LaunchedMirror(string program, params string[] arguments)
    {
        _program = _watcher.Launch(program, arguments, ProgramStreams.OutputToError, out WatchedProcess watch);
        Watch = watch;
        Mirror = new ProcessMirror(watch, program, "launched");
        Assert.True(Mirror.CatchUp(MemorySharing.Unknown, isFrozen: false));
        _program.Stopped.Release();
    }

    internal WatchedProcess Watch { get; }

    internal ProcessMirror Mirror { get; }

    /// <summary>Makes rounds until the program has so many mappings of a single page, and one more round that knows them all.</summary>
    internal void CatchUpTo(int mappingsOfOnePage)
    {
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                Assert.True(Mirror.CatchUp(MemorySharing.Unknown, isFrozen: false));
                return Watch.Mappings.Count(mapping => mapping.Range.Length == PageBytes) >= mappingsOfOnePage;
            },
            Limit));
        Assert.True(Mirror.CatchUp(MemorySharing.Unknown, isFrozen: false));
    }

    internal FrozenProcesses Freeze()
    {
        FrozenProcesses frozen = _watcher.Freeze([Watch], Limit);
        Assert.Null(frozen.Failure);
        return frozen;
    }

    public void Dispose()
    {
        _watcher.Release(Watch);
        Mirror.Dispose();
        System.Diagnostics.Process.GetProcessById(_program.ProcessId).Kill();
        _program.WaitForExit(Limit);
        _program.Dispose();
        _watcher.Dispose();
    }
}
