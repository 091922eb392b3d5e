namespace MmuNotifier.Caching;

/// <summary>
/// The addresses of keys: a tree of their segments, in which every segment has a range of its own, so that all names that begin with it
/// are one range, and names that do not are outside. A segment ends with its separator; what is left after the last one is a key's own
/// address. See docs/caching.md.
/// </summary>
/// <remarks>
/// Only names in use are in it: the last one that leaves takes the segment along. One short lock, for misses and removals; hits do not come
/// here. It nests inside the locks of keys.
/// </remarks>
internal sealed class NameTree(string separators)
{
    /// <summary>Deeper separators do not end a segment: what they divide is compared letter by letter.</summary>
    public const int MaxDepth = 16;

    /// <summary>Keys have the lower half of the space, tags the upper.</summary>
    private const int Bits = 63;

    private readonly DriverLock _lock = new("cache names");
    private readonly NameSegment _root = new(0, Bits);

    /// <summary>Every key that there is or can be.</summary>
    public AddressRange All => _root.Range;

    /// <summary>Gives a key an address. It is in use until <see cref="GiveBack(NameSegment, uint)"/>.</summary>
    public ulong Take(string key, out NameSegment segment, out uint number)
    {
        using (_lock.Hold())
        {
            segment = Walk(key, adds: true, out _)!;
            return segment.Take(out number);
        }
    }

    public void GiveBack(NameSegment segment, uint number)
    {
        using (_lock.Hold())
        {
            segment.GiveBack(number);
            Prune(segment);
        }
    }

    /// <summary>The addresses of all names that begin with a prefix, and perhaps of others with the same whole segments.</summary>
    /// <returns>False if there are none in use.</returns>
    public bool TryFindPrefix(string prefix, out AddressRange range)
    {
        using (_lock.Hold())
        {
            NameSegment? segment = Walk(prefix, adds: false, out _);
            range = segment?.Range ?? default;
            return segment is { IsUnused: false };
        }
    }

    /// <summary>As <see cref="TryFindPrefix"/>, and keeps the addresses until <see cref="GiveBack(NameSegment)"/>.</summary>
    /// <param name="prefix">The beginning of keys.</param>
    /// <param name="isWhole">Whether all names with these addresses begin with it: it ends with a segment.</param>
    public NameSegment TakePrefix(string prefix, out bool isWhole)
    {
        using (_lock.Hold())
        {
            NameSegment segment = Walk(prefix, adds: true, out isWhole)!;
            segment.AddUse();
            return segment;
        }
    }

    public void GiveBack(NameSegment segment)
    {
        using (_lock.Hold())
        {
            segment.DropUse();
            Prune(segment);
        }
    }

    private NameSegment? Walk(ReadOnlySpan<char> name, bool adds, out bool isWhole)
    {
        _lock.AssertHeld();
        NameSegment? segment = _root;
        for (int depth = 0; depth < MaxDepth && segment is not null; depth++)
        {
            int end = name.IndexOfAny(separators);
            if (end < 0)
                break;
            ReadOnlySpan<char> text = name[..(end + 1)];
            name = name[(end + 1)..];
            if (adds)
                segment = segment.FindOrAdd(text);
            else
                segment.TryFind(text, out segment);
        }

        isWhole = name.IsEmpty;
        return segment;
    }

    private void Prune(NameSegment segment)
    {
        _lock.AssertHeld();
        while (segment is { IsUnused: true, Parent: { } parent })
        {
            parent.Remove(segment);
            segment = parent;
        }
    }
}
