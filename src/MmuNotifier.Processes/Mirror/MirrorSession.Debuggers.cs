using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Mirroring;

/// <content>
/// Children of a debugger that is mirrored: a process has one tracer at a time, and theirs is the debugger.
/// <para>
/// While we attach to a child or freeze it, its own PTRACE_TRACEME and its parent's PTRACE_SEIZE fail. A debugger makes them at any time
/// after the fork, and does not try again. So children of a program that calls ptrace are not attached to at all. One that calls it
/// without the C library is recognized by the first child that it has traced; to let that happen, a new child is left alone for a moment.
/// </para>
/// </content>
public sealed partial class MirrorSession
{
    /// <summary>Debuggers start to trace a child within a few milliseconds of the fork.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(20);

    private const int MillisecondsPerTick = 10;

    /// <summary>The time of birth is known to a tick.</summary>
    private const int GraceByClock = 20 + (2 * MillisecondsPerTick);

    private readonly Dictionary<int, (ulong Born, TimeSpan Seen)> _inGrace = [];

    private bool HasHadItsGrace(int processId)
    {
        ulong born = ProcessStatus.ReadStartTime(processId, out _);

        // On a busy machine the first look comes late enough. The clock of births also counts suspended time, so the age is never too
        // large.
        if (Environment.TickCount64 - ((long)born * MillisecondsPerTick) > GraceByClock)
        {
            _inGrace.Remove(processId);
            return true;
        }

        if (!_inGrace.TryGetValue(processId, out (ulong Born, TimeSpan Seen) child) || child.Born != born)
        {
            _inGrace[processId] = (born, Elapsed);
            return false;
        }

        return Elapsed - child.Seen >= Grace && _inGrace.Remove(processId);
    }

    private void NameThoseEndedInGrace()
    {
        foreach ((int processId, (ulong born, _)) in _inGrace)
        {
            if (ProcessStatus.Read(processId, out _) is { IsDead: false } status && status.StartTimeTicks == born)
                continue;
            _inGrace.Remove(processId);
            _known[processId] = born;
            Name(processId, "?", "ended before it could be attached to");
        }
    }

    /// <summary>Says, for a new child, that it is left to a debugger; null if it is not.</summary>
    private string? WhoTraces(int processId)
    {
        ProcessStatus? child = ProcessStatus.Read(processId, out _);
        if (child is null)
            return null;
        ProcessMirror? parent = _live.Find(mirror => mirror.Watch.ProcessId == child.ParentId);
        if (child.TracerId != 0)
        {
            // The kernel names the thread that traces.
            if (parent is not null && Syscall.HasFolder($"/proc/{child.ParentId}/task/{child.TracerId}"))
                parent.TracesChildren = true;
            return $"it is being traced by {child.TracerId} ({CommandOf(child.TracerId)}) already";
        }

        return parent?.TracesChildren == true ? $"its parent {child.ParentId} ({parent.Command}) traces its children (ptrace)" : null;
    }
}
