using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Mirroring;

/// <summary>What was seen of one program since somebody asked last; for the session's thread, but for <see cref="Note"/>.</summary>
internal sealed class LookLog
{
    private const int MaxChanges = 1 << 16;

    private readonly ChangedRanges _written = new();
    private readonly Lock _lock = new();

    /// <summary>Under the lock: what was reported since the last look began.</summary>
    private List<MemoryChange> _reported = [];

    /// <summary>Under the lock.</summary>
    private long _lost;

    private List<MemoryChange> _changes = [];
    private long _changesLost;
    private bool _hasLooked;

    /// <summary>On the event reader's thread; the process waits meanwhile.</summary>
    internal void Note(MemoryChange change)
    {
        lock (_lock)
        {
            if (_reported.Count < MaxChanges)
                _reported.Add(change);
            else
                _lost++;
        }
    }

    internal void NoteWritten(AddressRange range) => _written.Add(range);

    /// <summary>What is reported from now on may have happened after the look.</summary>
    internal void BeginLook()
    {
        List<MemoryChange> reported;
        lock (_lock)
        {
            (reported, _reported) = (_reported, []);
            _changesLost += _lost;
            _lost = 0;
        }

        int room = Math.Min(reported.Count, MaxChanges - _changes.Count);
        _changes.AddRange(reported[..room]);
        _changesLost += reported.Count - room;
    }

    internal void EndLook() => _hasLooked = true;

    /// <returns>Null if no look was made since the last call.</returns>
    internal MirroredLook? Take(WatchedProcess watch, PageTableLook look, string command, int programNumber)
    {
        if (!_hasLooked)
            return null;
        var taken = new MirroredLook
        {
            ProcessId = watch.ProcessId,
            Command = command,
            ProgramNumber = programNumber,
            Mappings = watch.Mappings.ConvertAll(mapping => LiveMapping.Of(in mapping)),
            Resident = look.GetResident(),
            Written = _written.Take(),
            Changes = _changes,
            ChangesLost = _changesLost,
        };
        (_changes, _changesLost, _hasLooked) = ([], 0, false);
        return taken;
    }
}
