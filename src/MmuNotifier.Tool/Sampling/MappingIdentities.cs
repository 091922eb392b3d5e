using MmuNotifier.Processes;

namespace MmuNotifier.Tool.Sampling;

/// <summary>
/// Gives each mapping a number that it keeps while it grows, shrinks, is moved, or is unmapped and mapped again at its place. A mapping
/// continues the one of the look before that shares most bytes with it, and none is continued twice. One that was gone for a few looks is
/// remembered.
/// </summary>
internal sealed class MappingIdentities
{
    private const int MaxGhosts = 1024;
    private const int LooksOfGhosts = 16;

    private readonly List<(int Of, int Before, ulong Bytes)> _candidates = [];
    private readonly Queue<(LiveMapping Mapping, int Id, int Look)> _ghosts = [];
    private IReadOnlyList<LiveMapping> _before = [];
    private int[] _idsBefore = [];
    private int _count;
    private int _look;

    /// <summary>Forgets what was: another program has other mappings.</summary>
    internal void Reset()
    {
        (_before, _idsBefore) = ([], []);
        _ghosts.Clear();
    }

    /// <param name="after">The mappings of a look, in the order of addresses.</param>
    /// <param name="events">What has happened since the look before.</param>
    /// <returns>A number for each, from 1 on.</returns>
    internal int[] Assign(IReadOnlyList<LiveMapping> after, IReadOnlyList<MemoryEvent> events)
    {
        _candidates.Clear();
        AddOverlaps(after);
        AddMoves(after, events);
        var ids = new int[after.Count];
        var isContinued = new bool[_before.Count];
        foreach ((int of, int before, _) in _candidates.OrderByDescending(candidate => candidate.Bytes))
        {
            if (ids[of] != 0 || isContinued[before])
                continue;
            ids[of] = _idsBefore[before];
            isContinued[before] = true;
        }

        ReviveGhosts(after, ids);
        for (int i = 0; i < ids.Length; i++)
            ids[i] = ids[i] != 0 ? ids[i] : ++_count;
        RememberGone(isContinued);
        (_before, _idsBefore) = (after, ids);
        return ids;
    }

    private void AddOverlaps(IReadOnlyList<LiveMapping> after)
    {
        int b = 0;
        for (int a = 0; a < after.Count; a++)
        {
            while (b < _before.Count && _before[b].Range.Last < after[a].Range.Start)
                b++;
            for (int i = b; i < _before.Count && _before[i].Range.TryIntersect(after[a].Range, out AddressRange part); i++)
            {
                if (IsAlike(_before[i], after[a]))
                    _candidates.Add((a, i, part.Last - part.Start + 1));
            }
        }
    }

    private void AddMoves(IReadOnlyList<LiveMapping> after, IReadOnlyList<MemoryEvent> events)
    {
        foreach (MemoryEvent moved in events)
        {
            if (moved.Kind != MemoryEventKind.Moved)
                continue;
            int from = IndexAt(_before, moved.Range.Start);
            int to = IndexAt(after, moved.Destination);
            if (from >= 0 && to >= 0 && IsAlike(_before[from], after[to]))
                _candidates.Add((to, from, moved.Range.Last - moved.Range.Start + 1));
        }
    }

    private void ReviveGhosts(IReadOnlyList<LiveMapping> after, int[] ids)
    {
        if (_ghosts.Count == 0 || !ids.Contains(0))
            return;
        HashSet<int> revived = [];
        for (int i = 0; i < ids.Length; i++)
        {
            if (ids[i] != 0)
                continue;
            foreach ((LiveMapping mapping, int id, _) in _ghosts)
            {
                if (!mapping.Range.Overlaps(after[i].Range) || !IsAlike(mapping, after[i]) || !revived.Add(id))
                    continue;
                ids[i] = id;
                break;
            }
        }

        for (int left = revived.Count > 0 ? _ghosts.Count : 0; left > 0; left--)
        {
            (LiveMapping Mapping, int Id, int Look) ghost = _ghosts.Dequeue();
            if (!revived.Contains(ghost.Id))
                _ghosts.Enqueue(ghost);
        }
    }

    private void RememberGone(bool[] isContinued)
    {
        _look++;
        for (int i = 0; i < isContinued.Length; i++)
        {
            if (!isContinued[i])
                _ghosts.Enqueue((_before[i], _idsBefore[i], _look));
        }

        while (_ghosts.Count > MaxGhosts || (_ghosts.TryPeek(out var oldest) && oldest.Look + LooksOfGhosts < _look))
            _ = _ghosts.Dequeue();
    }

    private static bool IsAlike(in LiveMapping left, in LiveMapping right) =>
        left.Name == right.Name && left.IsShared == right.IsShared && left.IsFileBacked == right.IsFileBacked;

    /// <summary>Which of the mappings, in the order of addresses, contains the address; -1 if none does.</summary>
    internal static int IndexAt(IReadOnlyList<LiveMapping> mappings, ulong address)
    {
        (int low, int high) = (0, mappings.Count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (mappings[middle].Range.Last < address)
                low = middle + 1;
            else
                high = middle;
        }

        return low < mappings.Count && mappings[low].Range.Contains(address) ? low : -1;
    }
}
