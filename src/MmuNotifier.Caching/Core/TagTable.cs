using System.Diagnostics;

namespace MmuNotifier.Caching;

/// <summary>The tags in use. Any thread; its locks nest inside those of keys.</summary>
internal sealed class TagTable
{
    private readonly CoherentCache _cache;
    private readonly AddressSpace _space;

    /// <summary>A tag's hash picks one of them.</summary>
    private readonly Shard[] _shards;

    /// <summary>The newest address. Tags have the upper half of the space. None is used again: there are 2^63.</summary>
    private ulong _newest = long.MaxValue;

    public TagTable(CoherentCache cache, AddressSpace space, int shardCount)
    {
        Debug.Assert(int.IsPow2(shardCount), "A mask picks the shard.");
        _cache = cache;
        _space = space;
        _shards = [.. Enumerable.Range(0, shardCount).Select(each => new Shard(new DriverLock($"cache tags {each}"), []))];
    }

    public int Count => _shards.Sum(CountOf);

    /// <summary>Where a tag is that is in use.</summary>
    public bool TryFind(string tag, out AddressRange address)
    {
        Shard shard = ShardOf(tag);
        using (shard.Lock.Hold())
        {
            bool isFound = shard.Nodes.TryGetValue(tag, out TagNode? node);
            address = node?.Address ?? default;
            return isFound;
        }
    }

    /// <summary>A tag with one use more, in the space: its next invalidation comes to it.</summary>
    public TagNode Take(string tag)
    {
        Shard shard = ShardOf(tag);
        using (shard.Lock.Hold())
            return Take(shard, tag);
    }

    /// <summary>Makes the entry a member of its tags.</summary>
    /// <returns>The first of the memberships, each with the next.</returns>
    public TagLink? Link(CacheEntry entry, string[] tags)
    {
        TagLink? first = null;
        foreach (string tag in tags)
            first = Link(entry, tag, first);
        return first;
    }

    /// <summary>Ends the memberships.</summary>
    public void Unlink(TagLink? first)
    {
        for (TagLink? link = first; link is not null; link = link.NextOfEntry)
        {
            using (link.Tag.Lock.Hold())
            {
                link.Tag.Remove(link);
                DropLocked(link.Tag);
            }
        }
    }

    public void Drop(TagNode node)
    {
        using (node.Lock.Hold())
            DropLocked(node);
    }

    private static int CountOf(Shard shard)
    {
        using (shard.Lock.Hold())
            return shard.Nodes.Count;
    }

    private Shard ShardOf(string tag) => _shards[tag.GetHashCode(StringComparison.Ordinal) & (_shards.Length - 1)];

    private TagLink Link(CacheEntry entry, string tag, TagLink? next)
    {
        Shard shard = ShardOf(tag);
        using (shard.Lock.Hold())
        {
            TagNode node = Take(shard, tag);
            var link = new TagLink(node, entry, next);
            node.Add(link);
            return link;
        }
    }

    private TagNode Take(Shard shard, string tag)
    {
        shard.Lock.AssertHeld();
        if (!shard.Nodes.TryGetValue(tag, out TagNode? node))
        {
            node = new TagNode(_cache, tag, Interlocked.Increment(ref _newest), shard.Lock);
            _space.Insert(node, node.Address);
            shard.Nodes.Add(tag, node);
        }

        node.Uses++;
        return node;
    }

    private void DropLocked(TagNode node)
    {
        node.Lock.AssertHeld();
        node.Uses--;
        if (node.Uses > 0)
            return;
        ShardOf(node.Name).Nodes.Remove(node.Name);
        node.RemoveDeferred();
    }

    /// <summary>The tags of some hashes, guarded by the lock.</summary>
    private sealed record Shard(DriverLock Lock, Dictionary<string, TagNode> Nodes);
}
