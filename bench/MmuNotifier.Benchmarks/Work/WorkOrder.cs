using System.Runtime.CompilerServices;

namespace MmuNotifier.Benchmarks;

/// <summary>
/// The work that the kernel's own code was measured with: N notifiers of 64 KiB every 128 KiB from a base, used in a random order that is
/// the same for all sides.
/// </summary>
internal sealed class WorkOrder
{
    internal const ulong Base = 0x7f00_0000_0000;
    internal const ulong Stride = 128 * 1024;
    internal const ulong Length = 64 * 1024;
    internal const ulong Page = 4096;

    private const int Seed = 20260;
    private const int PagesPerNotifier = (int)(Length / Page);

    /// <summary>
    /// Queries of few notifiers go round a longer order than one of these, or the branch predictor would learn it.
    /// </summary>
    private const int ShortestRound = 1 << 16;

    private readonly int[] _order;
    private readonly int[] _visits;
    private int[]? _positions;

    internal WorkOrder(int count)
    {
        Count = count;
        _order = new int[count];
        for (int i = 0; i < count; i++)
            _order[i] = i;
        var random = new Random(Seed);
        random.Shuffle(_order);
        _visits = Visits(count, random);
    }

    internal int Count { get; }

    /// <summary>After so many queries the order starts again.</summary>
    internal int RoundLength => _visits.Length;

    /// <summary>Position of the notifier that a query of the round uses; each is used equally often.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Visit(int query) => _visits[query];

    /// <summary>Place in address order of the notifier at a position of the random order.</summary>
    internal int PlaceOf(int position) => _order[position];

    /// <summary>Position in the random order of the notifier at a place in address order; the inverse of <see cref="PlaceOf"/>.</summary>
    internal int PositionOf(int place) => (_positions ??= Inverse())[place];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong StartOf(int position) => Base + ((ulong)(uint)_order[position] * Stride);

    internal ulong LastOf(int position) => StartOf(position) + (Length - 1);

    /// <summary>A page inside the notifier.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong PageIn(int position) => StartOf(position) + ((ulong)(position % PagesPerNotifier) * Page);

    /// <summary>A page in the gap behind the notifier.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong PageBehind(int position) => PageIn(position) + Length;

    /// <summary>Makes one object for each notifier, in address order, as a program would that maps its memory once.</summary>
    /// <returns>The objects in the random order, so that the loops that use them read the array from its beginning to its end.</returns>
    internal T[] InRandomOrder<T>(Func<T> create)
    {
        var byPlace = new T[Count];
        for (int place = 0; place < Count; place++)
            byPlace[place] = create();
        var shuffled = new T[Count];
        for (int position = 0; position < Count; position++)
            shuffled[position] = byPlace[_order[position]];
        return shuffled;
    }

    private static int[] Visits(int count, Random random)
    {
        int rounds = count >= ShortestRound ? 1 : (ShortestRound + count - 1) / count;
        var visits = new int[rounds * count];
        for (int i = 0; i < visits.Length; i++)
            visits[i] = i % count;
        for (int round = 1; round < rounds; round++)
            random.Shuffle(visits.AsSpan(round * count, count));
        return visits;
    }

    private int[] Inverse()
    {
        var positions = new int[Count];
        for (int position = 0; position < Count; position++)
            positions[_order[position]] = position;
        return positions;
    }
}
