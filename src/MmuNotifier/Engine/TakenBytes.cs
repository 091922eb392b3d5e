namespace MmuNotifier;

/// <summary>What a batch takes from notifiers whose calls have not returned: heirs are found by it, each in logarithmic time.</summary>
internal sealed class TakenBytes
{
    private readonly List<AddressRange> _pieces = [];

    public bool IsEmpty => _pieces.Count == 0;

    public void Clear() => _pieces.Clear();

    /// <summary>After the last use for a batch: forgets all, and gives back the room of a large one.</summary>
    public void GiveBack()
    {
        Clear();
        if (Room.IsMuch(_pieces.Capacity))
            _pieces.Capacity = 0;
    }

    /// <summary>Adds what a removal or a move takes from its notifier.</summary>
    public void Add(in BatchEdit taker)
    {
        AddressRange old = taker.Expected;
        if (taker.Kind == BatchEditKind.Remove || !taker.NewRange.Overlaps(old))
        {
            _pieces.Add(old);
            return;
        }

        if (old.Start < taker.NewRange.Start)
            _pieces.Add(new AddressRange(old.Start, taker.NewRange.Start - 1));
        if (taker.NewRange.Last < old.Last)
            _pieces.Add(new AddressRange(taker.NewRange.Last + 1, old.Last));
    }

    /// <summary>Before the first question: in ascending order of start, each with the greatest last so far.</summary>
    public void Order()
    {
        _pieces.Sort(static (one, other) => one.Start.CompareTo(other.Start));
        for (int i = 1; i < _pieces.Count; i++)
            _pieces[i] = new AddressRange(_pieces[i].Start, Math.Max(_pieces[i - 1].Last, _pieces[i].Last));
    }

    /// <summary>Whether a byte of the range was taken.</summary>
    public bool Meets(AddressRange range)
    {
        int low = 0;
        int high = _pieces.Count;
        while (low < high)
        {
            StepCount.Add();
            int middle = (low + high) >>> 1;
            if (_pieces[middle].Start <= range.Last)
                low = middle + 1;
            else
                high = middle;
        }

        return low > 0 && _pieces[low - 1].Last >= range.Start;
    }
}
