using MmuNotifier.Linux;
using MmuNotifier.Linux.Proc;
using ProcessStatus = MmuNotifier.Linux.Proc.ProcessStatus;

namespace MmuNotifier.Tool.Mirror;

/// <content>Children of the mirrored processes, and programs that they execute.</content>
internal sealed partial class MirrorSession
{
    private const int MaxChildrenNamed = 200;

    // How a process was found.
    private const string Child = "child", Executed = "executed", Continued = "continued", Failed = "failed";

    private readonly Dictionary<int, ulong> _known = [];

    /// <summary>Children that were found, in the order of finding; at most so many are named.</summary>
    internal List<ChildNote> Children { get; } = [];

    /// <summary>How many were found in all.</summary>
    internal long ChildrenFound { get; private set; }

    private static string CommandOf(int processId) => ProcessStatus.Read(processId, out _)?.Command ?? "?";

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
                if (IsNew(child) && Kcmp.SameAddressSpace(mirror.Watch.MemoryThreadId, child) != true && HasHadItsGrace(child))
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

    private void Meet(int processId)
    {
        _known[processId] = ProcessStatus.ReadStartTime(processId, out _);
        if (_options.FollowChildren && WhoTraces(processId) is { } tracer)
            Name(processId, CommandOf(processId), $"left alone: {tracer}");
        else if (_options.FollowChildren)
            TryAttach(processId, Child);
        else
            Name(processId, CommandOf(processId), "released: not followed, as asked for");
    }

    private void TryAttach(int processId, string foundBy)
    {
        string command = CommandOf(processId);
        try
        {
            AddMirror(_watcher.Attach(processId), foundBy);
            Name(processId, CommandOf(processId), foundBy switch
            {
                Continued => "attached to again after mmun was stopped and continued",
                Executed => "attached anew after it executed this program",
                Failed => "attached to again after its events could not be read",
                _ => "followed",
            });
        }
        catch (ProcessAttachException refusal)
        {
            bool isGone = LiveThread.Find(processId) == 0;
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
