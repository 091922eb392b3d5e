using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Mirroring;

/// <content>Ctrl-Z: the targets are let go, this process stops, and when it is continued the targets are attached to again.</content>
public sealed partial class MirrorSession
{
    private const int StopSignal = 19;

    /// <remarks>
    /// While this process is stopped nobody reads events, and a target that unmaps memory would wait until it is continued. The signal
    /// goes to this thread, so that it stops before it returns from the call; one sent to the process could be taken by another thread
    /// later.
    /// </remarks>
    private void Pause()
    {
        (int ProcessId, ulong StartTime)[] targets = [.. _live.Select(mirror => (mirror.Watch.ProcessId, mirror.Watch.StartTime))];
        Retire([.. _live]);
        _clock.Stop();
        _ = Syscall.Tgkill(Environment.ProcessId, Syscall.CurrentThreadId(), StopSignal);
        _clock.Start();
        foreach ((int processId, ulong startTime) in targets)
        {
            if (LiveThread.Find(processId) != 0 && ProcessStatus.ReadStartTime(processId, out _) == startTime)
                TryAttach(processId, startTime, Continued);
        }

        NoticeEnd();
    }
}
