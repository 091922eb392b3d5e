using NetTopologySuite.Index;
using NetTopologySuite.Index.IntervalRTree;

namespace MmuNotifier.Benchmarks;

/// <summary>NetTopologySuite's static tree: once it was queried nothing can be inserted, and nothing can ever be removed.</summary>
internal sealed class PackedTreePeer : IPeerIndex, IItemVisitor<PeerItem>
{
    private readonly SortedPackedIntervalRTree<PeerItem> _tree = new();
    private ulong _start;
    private ulong _last;
    private int _hits;

    public string Name => "NetTopologySuite SortedPackedIntervalRTree";

    public void Insert(ulong start, ulong last) => _tree.Insert(start, last, new PeerItem(start, last));

    public void Complete() => CountHits(0, 0);

    public int CountHits(ulong start, ulong last)
    {
        _start = start;
        _last = last;
        _hits = 0;
        _tree.Query(start, last, this);
        return _hits;
    }

    public void VisitItem(PeerItem item)
    {
        if (item.Meets(_start, _last))
            _hits++;
    }
}
