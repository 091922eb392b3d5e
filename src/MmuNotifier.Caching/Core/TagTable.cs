using System.Collections.Concurrent;
using System.Diagnostics;

namespace MmuNotifier.Caching;

/// <summary>The tags in use. Any thread; its locks nest inside those of keys.</summary>
internal sealed class TagTable
{
    private readonly CoherentCache _cache;
    private readonly AddressSpace _space;
    private readonly ConcurrentDictionary<string, TagNode> _nodes = new(StringComparer.Ordinal);
    private readonly DriverLock[] _locks;

    /// <summary>The newest address. Tags have the upper half of the space. None is used again: there are 2^63.</summary>
    private ulong _newest = long.MaxValue;

    public TagTable(CoherentCache cache, AddressSpace space, int lockCount)
    {
        Debug.Assert(int.IsPow2(lockCount), "A mask picks the lock.");
        _cache = cache;
        _space = space;
        _locks = [.. Enumerable.Range(0, lockCount).Select(each => new DriverLock($"cache tags {each}"))];
    }

    public int Count => _nodes.Count;

    public bool TryFind(string tag, out TagNode node) => _nodes.TryGetValue(tag, out node!);

    /// <summary>A tag with one use more, in the space: its next invalidation comes to it.</summary>
    public TagNode Take(string tag) => Take(tag, null)!.Tag;

    /// <summary>Makes the entry a member of its tags.</summary>
    public TagLink[] Link(CacheEntry entry, string[] tags)
    {
        if (tags.Length == 0)
            return [];
        var links = new TagLink[tags.Length];
        for (int i = 0; i < tags.Length; i++)
            links[i] = Take(tags[i], entry);
        return links;
    }

    /// <summary>Ends the memberships.</summary>
    public void Unlink(TagLink[] links)
    {
        foreach (TagLink link in links)
            Drop(link.Tag, link);
    }

    public void Drop(TagNode node) => Drop(node, null);

    private TagLink Take(string tag, CacheEntry? member)
    {
        using (_locks[tag.GetHashCode(StringComparison.Ordinal) & (_locks.Length - 1)].Hold())
        {
            if (!_nodes.TryGetValue(tag, out TagNode? node))
            {
                node = Make(tag);
                _nodes[tag] = node;
            }

            node.Uses++;
            var link = new TagLink(node, member!);
            if (member is not null)
                node.Add(link);
            return link;
        }
    }

    private TagNode Make(string tag)
    {
        var address = Interlocked.Increment(ref _newest);
        DriverLock tagLock = _locks[tag.GetHashCode(StringComparison.Ordinal) & (_locks.Length - 1)];
        var node = new TagNode(_cache, tag, address, tagLock);
        _space.Insert(node, node.Address);
        return node;
    }

    private void Drop(TagNode node, TagLink? link)
    {
        using (node.Lock.Hold())
        {
            if (link is not null)
                node.Remove(link);
            node.Uses--;
            if (!node.IsGone)
                return;
            _nodes.TryRemove(new KeyValuePair<string, TagNode>(node.Name, node));
            node.RemoveDeferred();
        }
    }
}
