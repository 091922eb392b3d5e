using System.Runtime.InteropServices;
using MmuNotifier.Linux.Proc;
using MmuNotifier.Linux.Userfaultfd;

namespace MmuNotifier.Linux.Watching;

/// <content>Which mappings there are and how each is covered; on the owner's thread.</content>
internal sealed partial class WatchedProcess
{
    // A registration joins and splits mappings; a few passes come to rest unless the target maps faster than we look.
    private const int MaxRegistrationPasses = 4;

    private readonly Dictionary<ProcessMapping, UserfaultfdStatus> _registrations = [];
    private readonly List<ProcessMapping> _raw = [];
    private readonly List<MappingChange> _changes = [];
    private List<ProcessMapping> _current = [];
    private List<ProcessMapping> _previous = [];
    private volatile bool _registrationsChanged;

    /// <summary>The mappings as of the last <see cref="Refresh"/>, in the order of addresses.</summary>
    internal List<WatchedMapping> Mappings { get; } = [];

    /// <summary>
    /// Finds new mappings and registers them, and turns what has vanished or changed its protection without an event into invalidations.
    /// </summary>
    /// <param name="sharing">Which shared memory others can write.</param>
    /// <returns>False if the address space is gone: the process has exited or executed another program.</returns>
    internal bool Refresh(MemorySharing sharing)
    {
        for (int pass = 0; pass < MaxRegistrationPasses; pass++)
        {
            if (IsOver || !_thread.LookAgain() || _maps.Read(_raw) != Errno.None)
                return false;
            AfterStep?.Invoke("read mappings");
            // An address of the kernel that every process is shown; it is not memory of the process.
            _raw.RemoveAll(mapping => mapping.Kind == MappingKind.Vsyscall);
            if (!RegisterNew())
                break;
        }

        if (!_userfaultfd.IsTargetAlive())
            return false;
        _current.Clear();
        _current.AddRange(_raw);
        MapsDifference.JoinSplit(_current);
        _changes.Clear();
        MapsDifference.Compare(CollectionsMarshal.AsSpan(_previous), CollectionsMarshal.AsSpan(_current), _changes);
        foreach (MappingChange change in _changes)
            Report(in change);
        Classify(sharing);
        (_previous, _current) = (_current, _previous);
        return true;
    }

    /// <returns>Whether anything was registered, so that the mappings may look different now.</returns>
    private bool RegisterNew()
    {
        // Cleared before the mappings are registered again: an event that comes meanwhile makes the next refresh do it once more.
        if (_registrationsChanged)
        {
            _registrationsChanged = false;
            _registrations.Clear();
        }

        bool registeredAny = false;
        foreach (ProcessMapping mapping in _raw)
        {
            if (mapping.IsKernelOwned || _registrations.ContainsKey(mapping))
                continue;
            _registrations[mapping] = _userfaultfd.Register(mapping.Start, mapping.Last).Status;
            AfterStep?.Invoke("register");
            registeredAny = true;
        }

        return registeredAny;
    }

    private void Report(in MappingChange change)
    {
        _registrationsChanged = true;
        var range = new AddressRange(change.Start, change.Last);
        bool isGone = (change.Kind & (MappingChangeKind.Vanished | MappingChangeKind.BackingChanged)) != 0;
        if (isGone && HasNotifier(range))
        {
            // Where events are to be had the notifiers have been cut by now; this one had none.
            Counters.Vanished++;
            AddressSpace.ReportInvalidation(range, InvalidationEvent.Unmap).Dispose();
        }
        else if ((change.Kind & MappingChangeKind.ProtectionChanged) != 0)
        {
            Counters.Protections++;
            AddressSpace.ReportInvalidation(range, InvalidationEvent.ProtectionVma).Dispose();
        }
    }

    private bool HasNotifier(AddressRange range)
    {
        foreach (FoundNotifier _ in AddressSpace.Find(range))
            return true;
        return false;
    }

    private void Classify(MemorySharing sharing)
    {
        Mappings.Clear();
        foreach (ProcessMapping mapping in _raw)
        {
            UserfaultfdStatus status = _registrations.GetValueOrDefault(mapping, UserfaultfdStatus.NotWatchable);
            WatchedMapping watched = MappingClassifier.Classify(in mapping, status, sharing);
            if (Mappings.Count > 0 && TryJoin(Mappings[^1], watched) is { } joined)
                Mappings[^1] = joined;
            else
                Mappings.Add(watched);
        }
    }

    private static WatchedMapping? TryJoin(in WatchedMapping left, in WatchedMapping right)
    {
        if (left.Coverage != right.Coverage || left.Reason != right.Reason || left.Mapping.Last + 1 != right.Mapping.Start)
            return null;
        List<ProcessMapping> pair = [left.Mapping, right.Mapping];
        MapsDifference.JoinSplit(pair);
        return pair.Count == 1 ? left with { Mapping = pair[0] } : null;
    }
}
