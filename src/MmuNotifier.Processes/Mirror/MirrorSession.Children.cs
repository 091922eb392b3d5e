namespace MmuNotifier.Processes.Mirroring;

/// <content>Children of the mirrored processes, and programs that they execute.</content>
public sealed partial class MirrorSession
{
    private const int MaxChildrenNamed = 200;

    // How a process was found.
    private const string Child = "child", Executed = "executed", Continued = "continued", Failed = "failed";

    private readonly Dictionary<int, ulong> _known = [];

    /// <summary>Children that were found, in the order of finding; at most so many are named.</summary>
    internal List<ChildNote> Children { get; } = [];

    /// <summary>How many were found in all.</summary>
    internal long ChildrenFound { get; private set; }

    private static string CommandOf(int processId) => ProcessStatus.Read(processId, out _)?.Name ?? "?";

    /// <summary>
    /// Looks for new children. A child made by vfork runs in its parent's memory, and stopping it would stop the parent for good, until it
    /// has executed its program; it is left alone until then.
    /// </summary>
    private void FollowChildren()
    {
        var children = new List<int>();
        foreach (ProcessMirror mirror in _live.ToArray())
        {
            children.Clear();
            ProcessTree.AddChildren(mirror.Watch.ProcessId, children);
            foreach (int child in children)
            {
                if (IsNew(child)
                    && IsChildOf(child, mirror)
                    && Kcmp.SameAddressSpace(mirror.Watch.MemoryThreadId, child) != true
                    && HasHadItsGrace(child))
                    Meet(child);
            }
        }

        NameThoseEndedInGrace();
    }

    /// <summary>Whether a process of this number and time of birth has not been met.</summary>
    private bool IsNew(int processId)
    {
        ulong born = ProcessStatus.ReadStartTime(processId, out Errno error);
        return error == Errno.None && (!_known.TryGetValue(processId, out ulong known) || known != born);
    }

    /// <summary>
    /// Whether it is a child of the mirrored process now. The number of either may have become another process's while the children were
    /// listed.
    /// </summary>
    private static bool IsChildOf(int processId, ProcessMirror parent) =>
        ProcessStatus.Read(processId, out _)?.ParentId == parent.Watch.ProcessId && !parent.Watch.WaitForExit(TimeSpan.Zero);

    private void Meet(int processId)
    {
        ulong startTime = ProcessStatus.ReadStartTime(processId, out _);
        _known[processId] = startTime;
        if (_options.FollowChildren && WhoTraces(processId) is { } tracer)
            Name(processId, CommandOf(processId), $"left alone: {tracer}");
        else if (_options.FollowChildren)
            TryAttach(processId, startTime, Child);
        else
            Name(processId, CommandOf(processId), "released: not followed, as asked for");
    }

    private void TryAttach(int processId, ulong startTime, string foundBy)
    {
        string command = CommandOf(processId);
        try
        {
            AddMirror(_watcher.Attach(processId, startTime), foundBy);
            Name(processId, CommandOf(processId), foundBy switch
            {
                Continued => "attached to again after mmun was stopped and continued",
                Executed => "attached again after it executed this program",
                Failed => "attached to again after its events could not be read",
                _ => "followed",
            });
        }
        catch (ProcessAttachException refusal)
        {
            bool isGone = LiveThread.Find(processId) == 0 || ProcessStatus.ReadStartTime(processId, out _) != startTime;
            if (!isGone)
                Name(processId, command, $"not followed: {refusal.Message}");
            else if (foundBy == Child)
                Name(processId, command, "ended before it could be attached to");
        }
    }

    private void Name(int processId, string command, string outcome)
    {
        ChildrenFound++;
        if (Children.Count < MaxChildrenNamed)
            Children.Add(new ChildNote(processId, command, outcome));
    }
}
