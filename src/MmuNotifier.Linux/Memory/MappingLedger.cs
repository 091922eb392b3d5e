namespace MmuNotifier.Linux;

/// <summary>
/// What a memory has mapped, and which addresses it keeps although nothing of it is mapped there. Any thread may call any member; the lock
/// is a leaf.
/// </summary>
/// <param name="keepsUnmapped">Whether what is unmapped stays reserved.</param>
internal sealed class MappingLedger(bool keepsUnmapped)
{
    // Both are guarded by the lock, and do not overlap.
    private readonly Lock _lock = new();
    private readonly RangeSet _mapped = new();
    private readonly RangeSet _kept = new();

    internal void NoteMapped(AddressRange range)
    {
        lock (_lock)
        {
            _mapped.Add(range);
            _kept.Remove(range);
        }
    }

    internal void NoteUnmapped(AddressRange range)
    {
        lock (_lock)
        {
            _mapped.Remove(range);
            if (keepsUnmapped)
                _kept.Add(range);
        }
    }

    /// <summary>Whether anything is mapped in the range.</summary>
    internal bool Overlaps(AddressRange range)
    {
        lock (_lock)
            return _mapped.Overlaps(range);
    }

    /// <summary>The range that covers the address, or the next one above it; neighbours are joined.</summary>
    internal bool TryFind(ulong address, out AddressRange range)
    {
        lock (_lock)
        {
            if (!_mapped.TryFind(address, out range))
                return false;
            while (_mapped.TryFind(range.Last + 1, out AddressRange next) && next.Start == range.Last + 1)
                range = new AddressRange(range.Start, next.Last);
            return true;
        }
    }

    /// <summary>How many of the bytes from an address on are mapped, without a hole.</summary>
    internal int BytesBeforeHole(ulong address, int wanted)
    {
        lock (_lock)
        {
            ulong next = address;
            while (next - address < (ulong)wanted && _mapped.TryFind(next, out AddressRange range) && range.Contains(next))
                next = range.Last + 1;
            return (int)Math.Min((ulong)wanted, next - address);
        }
    }

    /// <summary>The parts of the range that are mapped, ascending; neighbours are joined.</summary>
    internal List<AddressRange> PartsOf(AddressRange range)
    {
        List<AddressRange> parts = [];
        lock (_lock)
        {
            foreach (AddressRange mapped in _mapped.Ranges)
            {
                if (!mapped.Overlaps(range))
                    continue;
                AddressRange part = mapped.Intersect(range);
                if (parts.Count > 0 && parts[^1].Last + 1 == part.Start)
                    parts[^1] = new AddressRange(parts[^1].Start, part.Last);
                else
                    parts.Add(part);
            }
        }

        return parts;
    }

    /// <summary>Others have unmapped something in the range: what the kernel has there no longer is not mapped any more.</summary>
    internal void ForgetUnmapped(AddressRange range, ProcessMaps maps)
    {
        lock (_lock)
        {
            ulong next = range.Start;
            while (maps.Query(next, out QueriedMapping found) == Errno.None && found.Start <= range.Last)
            {
                if (found.Start > next)
                    _mapped.Remove(new AddressRange(next, found.Start - 1));
                if (found.Last >= range.Last)
                    return;
                next = found.Last + 1;
            }

            _mapped.Remove(new AddressRange(next, range.Last));
        }
    }

    /// <summary>What is mapped.</summary>
    internal AddressRange[] ToArray()
    {
        lock (_lock)
            return [.. _mapped.Ranges];
    }

    /// <summary>From now on, this is mapped and nothing else is.</summary>
    internal void Replace(IEnumerable<AddressRange> ranges)
    {
        lock (_lock)
        {
            _mapped.Remove(AddressRange.Whole);
            foreach (AddressRange range in ranges)
                _mapped.Add(range);
        }
    }

    /// <summary>Returns all that is mapped or kept, and forgets it.</summary>
    internal List<AddressRange> TakeAll()
    {
        lock (_lock)
        {
            List<AddressRange> all = [.. _mapped.Ranges, .. _kept.Ranges];
            _mapped.Remove(AddressRange.Whole);
            _kept.Remove(AddressRange.Whole);
            return all;
        }
    }
}
