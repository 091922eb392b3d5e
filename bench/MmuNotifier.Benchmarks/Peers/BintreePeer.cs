using NetTopologySuite.Index.Bintree;

namespace MmuNotifier.Benchmarks;

/// <summary>
/// NetTopologySuite's one-dimensional tree of halves. Its answers are candidates; the rest is filtered here, as a user must.
/// </summary>
internal sealed class BintreePeer : IPeerIndex
{
    private readonly Bintree<PeerItem> _tree = new();
    private readonly List<PeerItem> _candidates = [];

    public string Name => "NetTopologySuite Bintree";

    public void Insert(ulong start, ulong last) => _tree.Insert(new Interval(start, last), new PeerItem(start, last));

    public void Complete()
    {
        // It is always ready.
    }

    public int CountHits(ulong start, ulong last)
    {
        _candidates.Clear();
        _tree.Query(new Interval(start, last), _candidates);
        int hits = 0;
        foreach (PeerItem item in _candidates)
        {
            if (item.Meets(start, last))
                hits++;
        }

        return hits;
    }
}
