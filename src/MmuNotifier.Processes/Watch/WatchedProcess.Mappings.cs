using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <content>
/// Which mappings there are and how each is covered; on the owner's thread. Of a line of the maps that has not changed nothing is parsed,
/// registered or classified again.
/// </content>
internal sealed partial class WatchedProcess
{
    // A registration joins and splits mappings; a few passes come to rest unless the target maps faster than we look.
    private const int MaxRegistrationPasses = 4;

    /// <summary>The mappings as of the last <see cref="Refresh"/>, in the order of addresses.</summary>
    internal List<WatchedMapping> Mappings { get; } = [];

    /// <summary>
    /// Finds new mappings and registers them, and turns what has vanished or changed its protection without an event into invalidations.
    /// While the target is frozen its mappings are read once: they cannot change.
    /// </summary>
    /// <param name="sharing">Which shared memory others can write.</param>
    /// <returns>False if the address space is gone: the process has exited or executed another program.</returns>
    internal bool Refresh(MemorySharing sharing)
    {
        bool isThere = false;
        return UnlessClosed(() => isThere = RefreshUnlessClosed(sharing)) && isThere;
    }

    /// <summary>
    /// Registers a mapping in which a scan has found memory that is not registered: it was replaced by memory that looks the same, or lost
    /// its registration without an event (shmat, remap_file_pages).
    /// </summary>
    internal void RegisterAgain(WatchedMapping mapping)
    {
        Counters.Registrations++;
        UnlessClosed(() => _userfaultfd.Register(mapping.Mapping.Start, mapping.Mapping.Last));
    }

    /// <returns>False if the event reader has given the watch up meanwhile.</returns>
    private bool UnlessClosed(Action step)
    {
        try
        {
            step();
            return true;
        }
        catch (ObjectDisposedException) when (_isClosed)
        {
            return false;
        }
    }

    private bool RefreshUnlessClosed(MemorySharing sharing)
    {
        if (!(_isFrozen && _isReadSinceFreeze))
        {
            if (!ReadAndRegister() || !IsImageThere())
                return false;
            _isReadSinceFreeze = _isFrozen;
        }

        Classify(sharing);
        return !IsOver;
    }

    private bool ReadAndRegister()
    {
        for (int pass = 0; pass < MaxRegistrationPasses; pass++)
        {
            if (IsOver || !(_thread.LookAgain() || IsKeptAfterEnd) || !ReadMaps())
                return false;
            AfterStep?.Invoke("read mappings");
            LookAtCode();
            // Frozen: nobody maps beside us, so what was registered is whole.
            if (!RegisterNew() || _isFrozen)
                break;
        }

        return true;
    }

    private bool ReadMaps()
    {
        // A reading that fails leaves the snapshot that the states are of.
        if (_maps.Read(_snapshotBefore, _snapshot) != Errno.None)
            return false;
        (_snapshot, _snapshotBefore) = (_snapshotBefore, _snapshot);
        Counters.LinesParsed += _snapshot.LinesParsed;
        if (_snapshot.IsSameAs(_snapshotBefore))
            return true;
        _mustJoin = true;
        KeepStates();
        ReportChanges();
        return true;
    }

    private void KeepStates()
    {
        (_states, _statesBefore) = (_statesBefore, _states);
        _states.Clear();
        foreach (int origin in _snapshot.Origins)
        {
            MappingState state = origin < 0 ? default : _statesBefore[origin];
            // These refusals may end: another userfaultfd is closed, mappings are unmapped.
            bool mayEnd = state.Registration is UserfaultfdStatus.TakenByAnother or UserfaultfdStatus.NoMemory;
            _states.Add(mayEnd ? default : state);
        }
    }

    /// <summary>Compares what lies between lines that have not changed.</summary>
    private void ReportChanges()
    {
        ReadOnlySpan<ProcessMapping> before = CollectionsMarshal.AsSpan(_snapshotBefore.Mappings);
        ReadOnlySpan<ProcessMapping> after = CollectionsMarshal.AsSpan(_snapshot.Mappings);
        _changes.Clear();
        int firstBefore = 0;
        int firstAfter = 0;
        for (int i = 0; i <= after.Length; i++)
        {
            int origin = i == after.Length ? before.Length : _snapshot.Origins[i];
            if (origin < 0)
                continue;
            if (firstBefore < origin || firstAfter < i)
                MapsDifference.Compare(before[firstBefore..origin], after[firstAfter..i], _changes);
            firstBefore = origin + 1;
            firstAfter = i + 1;
        }

        foreach (MappingChange change in _changes)
            Report(in change);
    }

    /// <returns>Whether anything was registered, so that the mappings may look different now.</returns>
    private bool RegisterNew()
    {
        bool registeredAny = false;
        Span<MappingState> states = CollectionsMarshal.AsSpan(_states);
        for (int i = 0; i < states.Length; i++)
        {
            if (states[i].Registration is not null)
                continue;
            ProcessMapping mapping = _snapshot.Mappings[i];
            if (mapping.IsKernelOwned || IsLeft(in mapping))
            {
                states[i].Registration = UserfaultfdStatus.NotWatchable;
                continue;
            }

            Counters.Registrations++;
            states[i].Registration = RegisterWithHole(i);
            AfterStep?.Invoke("register");
            registeredAny = true;
        }

        return registeredAny;
    }

    /// <summary>
    /// Registers a mapping and the hole after it. The mapping may have grown into the hole since it was read. To register a part of it
    /// would split it, and the program's next mremap of the whole would fail with EFAULT. Not where memory is left to the program: what it
    /// has mapped in the hole must stay free for its own userfaultfd.
    /// </summary>
    private UserfaultfdStatus RegisterWithHole(int index)
    {
        ProcessMapping mapping = _snapshot.Mappings[index];
        if (!_leavesMemory && TryFindHoleAfter(index, out _, out ulong last) && _userfaultfd.Register(mapping.Start, last).Succeeded)
            return UserfaultfdStatus.Done;
        // Perhaps something else is in the hole by now that cannot be registered.
        return _userfaultfd.Register(mapping.Start, mapping.Last).Status;
    }

    private bool TryFindHoleAfter(int index, out ulong start, out ulong last)
    {
        List<ProcessMapping> mappings = _snapshot.Mappings;
        start = mappings[index].Last + 1;
        last = index + 1 < mappings.Count ? mappings[index + 1].Start - 1 : 0;
        return start <= last;
    }

    private void Report(in MappingChange change)
    {
        var range = new AddressRange(change.Start, change.Last);
        bool isGone = (change.Kind & (MappingChangeKind.Vanished | MappingChangeKind.BackingChanged)) != 0;
        if (isGone && HasNotifier(range))
        {
            // Where events are to be had the notifiers have been cut by now; this one had none.
            Counters.Vanished++;
            Space.Invalidate(range, InvalidationEvent.Unmap);
        }
        else if ((change.Kind & MappingChangeKind.ProtectionChanged) != 0)
        {
            Counters.Protections++;
            Space.Invalidate(range, InvalidationEvent.ProtectionVma);
        }
    }

    private bool HasNotifier(AddressRange range)
    {
        foreach (FoundNotifier _ in Space.Find(range))
            return true;
        return false;
    }

    private void Classify(MemorySharing sharing)
    {
        ReadOnlySpan<ProcessMapping> mappings = CollectionsMarshal.AsSpan(_snapshot.Mappings);
        Span<MappingState> states = CollectionsMarshal.AsSpan(_states);
        for (int i = 0; i < states.Length; i++)
        {
            // Of shared memory the answer depends on what other processes map.
            if (!states[i].IsClassified || mappings[i].Shared)
                _mustJoin |= Classify(in mappings[i], ref states[i], sharing);
        }

        if (_mustJoin)
            Join(mappings, states);
        _mustJoin = false;
    }

    /// <returns>Whether the mapping is covered in another way than before.</returns>
    private bool Classify(in ProcessMapping mapping, ref MappingState state, MemorySharing sharing)
    {
        WatchedMapping watched = MappingClassifier.Classify(
            in mapping, state.Registration ?? UserfaultfdStatus.NotWatchable, sharing, IsLeft(in mapping));
        if (state.IsClassified && state.Coverage == watched.Coverage && state.Reason == watched.Reason
            && state.IsMappedTwice == watched.IsMappedTwice && state.ClassifiedRegistration == watched.Registration)
            return false;
        (state.IsClassified, state.Coverage, state.Reason, state.IsMappedTwice, state.ClassifiedRegistration) =
            (true, watched.Coverage, watched.Reason, watched.IsMappedTwice, watched.Registration);
        return true;
    }

    private void Join(ReadOnlySpan<ProcessMapping> mappings, ReadOnlySpan<MappingState> states)
    {
        Mappings.Clear();
        for (int i = 0; i < mappings.Length; i++)
        {
            ref readonly MappingState state = ref states[i];
            if (Mappings.Count > 0)
            {
                ref WatchedMapping left = ref CollectionsMarshal.AsSpan(Mappings)[^1];
                if (left.Coverage == state.Coverage && left.Reason == state.Reason && left.Registration == state.ClassifiedRegistration
                    && MapsDifference.AreOne(left.Mapping, in mappings[i]))
                {
                    left = left with { Mapping = left.Mapping with { Last = mappings[i].Last } };
                    continue;
                }
            }

            Mappings.Add(new WatchedMapping(mappings[i], state.Coverage, state.Reason, state.IsMappedTwice, state.ClassifiedRegistration));
        }
    }
}
