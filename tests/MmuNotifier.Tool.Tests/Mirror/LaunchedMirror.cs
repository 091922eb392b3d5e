using MmuNotifier.Linux.Ptrace;
using MmuNotifier.Linux.Watching;
using MmuNotifier.Tool.Mirror;

namespace MmuNotifier.Tool.Tests.Mirror;

/// <summary>A program that runs, with a mirror that a test moves step by step.</summary>
internal sealed class LaunchedMirror : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ProcessWatcher _watcher = new();
    private readonly LaunchedProgram _program;

    internal LaunchedMirror(string program, params string[] arguments)
    {
        _program = _watcher.Launch(program, arguments, outputToError: true, out WatchedProcess watch);
        Watch = watch;
        Mirror = new ProcessMirror(watch, program, "launched");
        Assert.True(Mirror.CatchUp(MemorySharing.Unknown, isFrozen: false));
        _program.Stopped.Release();
    }

    internal WatchedProcess Watch { get; }

    internal ProcessMirror Mirror { get; }

    /// <summary>Makes rounds until so many pages are held.</summary>
    internal void CatchUpTo(long pages) => Assert.True(SpinWait.SpinUntil(
        () =>
        {
            Assert.True(Mirror.CatchUp(MemorySharing.Unknown, isFrozen: false));
            return Mirror.PagesHeld >= pages;
        },
        Limit));

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
