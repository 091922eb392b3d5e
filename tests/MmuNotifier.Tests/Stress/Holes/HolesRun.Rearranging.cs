namespace MmuNotifier.Tests.Stress.Holes;

/// <content>Batches that change who covers the pages, but not which pages are covered.</content>
internal sealed partial class HolesRun
{
    public void Rearrange(string[]? lastOperations = null, int index = 0)
    {
        ulong page = (ulong)StressRandom.Current.Next(Pages);
        if (Neighbours(page) is not (HolePiece piece, HolePiece or null) pair)
            return;
        AddressRange range = piece.Range;
        NotifierBatch? batch = StressRandom.Current.Next(4) switch
        {
            0 => Replace(piece, range),
            1 => Split(piece, range),
            2 => Merge(piece, range, pair.Right),
            _ => Shift(piece, range, pair.Right),
        };
        if (batch is null)
            return;
        if (lastOperations is not null)
            lastOperations[index] = $"batch at {range}";
        StressRandom.Pause();
        _ = _space.Apply(batch); // It may lose against another edit; then nothing is changed.
    }

    private NotifierBatch Replace(HolePiece piece, AddressRange range) => new NotifierBatch().Remove(piece, range).Insert(Make(), range);

    private NotifierBatch? Split(HolePiece piece, AddressRange range)
    {
        if (range.Start == range.Last)
            return null;
        ulong middle = range.Start + ((range.Last - range.Start) / 2);
        return new NotifierBatch()
            .Move(piece, range, new AddressRange(range.Start, middle))
            .Insert(Make(), new AddressRange(middle + 1, range.Last));
    }

    /// <summary>Removes one of two neighbours and moves the other over both.</summary>
    private static NotifierBatch? Merge(HolePiece piece, AddressRange range, HolePiece? right)
    {
        if (right?.Range is not { } other || other.Start != range.Last + 1)
            return null;
        AddressRange both = range.Hull(other);
        return StressRandom.Chance(50)
            ? new NotifierBatch().Remove(right, other).Move(piece, range, both)
            : new NotifierBatch().Remove(piece, range).Move(right, other, both);
    }

    /// <summary>Moves the border between two neighbours, or lets them change places.</summary>
    private static NotifierBatch? Shift(HolePiece piece, AddressRange range, HolePiece? right)
    {
        if (right?.Range is not { } other || other.Start != range.Last + 1)
            return null;
        if (StressRandom.Chance(30))
            return new NotifierBatch().Move(piece, range, other).Move(right, other, range);
        ulong border = range.Start + (ulong)StressRandom.Current.NextInt64((long)(other.Last - range.Start));
        return new NotifierBatch()
            .Move(piece, range, new AddressRange(range.Start, border))
            .Move(right, other, new AddressRange(border + 1, other.Last));
    }

    private (HolePiece Left, HolePiece? Right)? Neighbours(ulong page)
    {
        HolePiece? left = null;
        foreach (FoundNotifier found in _space.Find(new AddressRange(page, Pages - 1)))
        {
            if (left is not null)
                return (left, (HolePiece)found.Notifier);
            left = (HolePiece)found.Notifier;
        }

        return left is null ? null : (left, null);
    }
}
