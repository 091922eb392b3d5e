using System.Collections.Concurrent;

namespace MmuNotifier.Tests.Stress.Holes;

/// <summary>
/// Threads unmap holes at the same time and cut them inside the callbacks, while others split, replace, shift and merge the pieces. No lock
/// of the user is taken anywhere, so that every race is the engine's own to get right.
/// </summary>
/// <remarks>
/// The oracle: no operation puts a notifier over a page that no notifier has. So when the start of an unmapping has returned, and ever
/// after, nobody covers its pages (docs/contract.md, items 1 and 6: a callback that loses a race returns, and its successors inherit the
/// call); and a page that nobody unmapped is covered by exactly one notifier, whatever batches did to it.
/// </remarks>
internal sealed partial class HolesRun(int seed, int threads)
{
    private const int Pages = 128;
    private const int HolesPerThread = 24;

    private readonly AddressSpace _space = new();
    private readonly ConcurrentBag<HolePiece> _made = [];
    private readonly int[] _unmapped = new int[Pages];
    private readonly string[] _lastOperations = new string[threads];

    public ConcurrentQueue<string> Violations { get; } = new();

    public IReadOnlyCollection<string> Execute()
    {
        for (ulong start = 0; start < Pages; start += Pages / 2)
            _space.Insert(Make(), new AddressRange(start, start + (Pages / 2) - 1));
        Thread[] workers = [.. Enumerable.Range(0, threads).Select(index => new Thread(() => Work(index)) { IsBackground = true })];
        foreach (Thread worker in workers)
            worker.Start();
        foreach (Thread worker in workers)
        {
            if (!worker.Join(Patience.Limit))
            {
                Violations.Enqueue($"no progress; last operations: {string.Join(" | ", _lastOperations)}");
                return Violations;
            }
        }

        CheckCoverage();
        CheckReleases();
        return Violations;
    }

    public HolePiece Make()
    {
        var piece = new HolePiece(this);
        _made.Add(piece);
        return piece;
    }

    private void Work(int index)
    {
        StressRandom.Seed(seed, index);
        try
        {
            for (int i = 0; i < HolesPerThread && Violations.IsEmpty; i++)
            {
                if (StressRandom.Chance(50))
                    Unmap(index);
                else
                    Rearrange(_lastOperations, index);
            }
        }
        catch (Exception exception)
        {
            Violations.Enqueue($"unexpected: {exception}");
        }
    }

    private void Unmap(int index)
    {
        ulong start = (ulong)StressRandom.Current.Next(Pages);
        var hole = new AddressRange(start, Math.Min(Pages - 1, start + (ulong)StressRandom.Current.Next(StressRandom.Chance(20) ? 24 : 4)));
        _lastOperations[index] = $"unmap {hole}";
        for (ulong page = hole.Start; page <= hole.Last; page++)
            Interlocked.Increment(ref _unmapped[page]);
        using (_space.StartInvalidation(hole, InvalidationEvent.Unmap))
        {
            foreach (FoundNotifier found in _space.Find(hole))
                Violations.Enqueue($"after the start of the unmapping of {hole} a notifier covers it: {found.Range}");
        }
    }

    private void CheckCoverage()
    {
        var covered = new int[Pages];
        foreach (FoundNotifier found in _space.Find(AddressRange.Whole))
        {
            for (ulong page = found.Range.Start; page <= found.Range.Last; page++)
                covered[page]++;
            if (found.Notifier.ReadBeginNoWait().Status != ReadStatus.Open)
                Violations.Enqueue($"after all ended {found.Range} cannot be read");
        }

        for (int page = 0; page < Pages; page++)
        {
            if (covered[page] != (_unmapped[page] == 0 ? 1 : 0))
                Violations.Enqueue($"page {page}, unmapped {_unmapped[page]} times, is covered {covered[page]} times");
        }
    }

    private void CheckReleases()
    {
        foreach (FoundNotifier found in _space.Find(AddressRange.Whole))
            found.RemoveDeferred();
        if (!_space.SynchronizeAsync().Wait(Patience.Limit))
            Violations.Enqueue("not everything was released");
        foreach (HolePiece piece in _made)
        {
            if (piece.Releases != (piece.State == NotifierState.New ? 0 : 1))
                Violations.Enqueue($"a piece that ended {piece.State} was released {piece.Releases} times");
        }
    }
}
