namespace MmuNotifier.Caching;

/// <summary>
/// The addresses of keys: a tree of their segments, in which every segment has a range of its own, so that all names that begin with it
/// are one range, and names that do not are outside. A segment ends with its separator; what is left after the last one is a key's own
/// address. See docs/caching.md.
/// </summary>
/// <remarks>
/// Only names in use are in it: the last one that leaves takes the segment along. A segment that only one name has is not made: the name
/// stands for it, at the address that it would have below it as the first child, and below all further ones. So the segment can be made
/// later, when another name comes, and no address changes. One short lock, for misses and removals; hits do not come here. It nests inside
/// the locks of keys.
/// </remarks>
internal sealed class NameTree(string separators)
{
    /// <summary>Deeper separators do not end a segment: what they divide is compared letter by letter.</summary>
    public const int MaxDepth = 16;

    /// <summary>Keys have the lower half of the space, tags the upper.</summary>
    private const int Bits = 63;

    private readonly DriverLock _lock = new("cache names");
    private readonly NameSegment _root = new(new NameRange(0, Bits));

    /// <summary>Every key that there is or can be.</summary>
    public AddressRange All => _root.Range.Addresses;

    /// <summary>Gives a name an address. It is in use until <see cref="GiveBack(INamed)"/>.</summary>
    public ulong Take(INamed name)
    {
        using (_lock.Hold())
        {
            NameSegment segment = _root;
            while (TryCut(name.Key, segment, out ReadOnlySpan<char> text))
            {
                if (!segment.TryFind(text, out object? child))
                {
                    segment.AddLone(name, separators);
                    return AddressOf(name);
                }

                segment = child as NameSegment ?? Divide(segment, (INamed)child!, text);
            }

            segment.Add(name);
            return AddressOf(name);
        }
    }

    public void GiveBack(INamed name)
    {
        using (_lock.Hold())
        {
            NameSegment segment = name.Segment;
            if (TryCut(name.Key, segment, out _))
                segment.RemoveLone(name);
            else
                segment.GiveBack(name.Number);
            Prune(segment);
        }
    }

    /// <summary>The addresses of all names that begin with a prefix, and perhaps of others with the same whole segments.</summary>
    /// <returns>False if there are none in use.</returns>
    public bool TryFindPrefix(string prefix, out AddressRange range)
    {
        range = default;
        using (_lock.Hold())
        {
            NameSegment segment = _root;
            while (TryCut(prefix, segment, out ReadOnlySpan<char> text))
            {
                if (!segment.TryFind(text, out object? child))
                    return false;
                if (child is INamed lone)
                {
                    range = segment.Range.Child(lone.Number).Addresses;
                    return lone.Key.StartsWith(prefix, StringComparison.Ordinal);
                }

                segment = (NameSegment)child!;
            }

            range = segment.Range.Addresses;
            return !segment.IsUnused;
        }
    }

    /// <summary>As <see cref="TryFindPrefix"/>, and keeps the addresses until <see cref="GiveBack(NameSegment)"/>.</summary>
    /// <param name="prefix">The beginning of keys.</param>
    /// <param name="isWhole">Whether all names with these addresses begin with it: it ends with a segment.</param>
    public NameSegment TakePrefix(string prefix, out bool isWhole)
    {
        using (_lock.Hold())
        {
            NameSegment segment = _root;
            while (TryCut(prefix, segment, out ReadOnlySpan<char> text))
            {
                if (!segment.TryFind(text, out object? child))
                    segment = segment.Add(text, separators);
                else
                    segment = child as NameSegment ?? Divide(segment, (INamed)child!, text);
            }

            segment.AddUse();
            isWhole = prefix.Length == segment.Length;
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

    /// <summary>The next segment of a name that is below a segment, with its separator.</summary>
    private bool TryCut(string name, NameSegment segment, out ReadOnlySpan<char> text)
    {
        _lock.AssertHeld();
        text = segment.Depth < MaxDepth ? name.AsSpan(segment.Length) : default;
        text = text[..(text.IndexOfAny(separators) + 1)];
        return !text.IsEmpty;
    }

    /// <summary>Where a name is directly below its segment; of a lone one, as the first child in each further level.</summary>
    private ulong AddressOf(INamed name)
    {
        NameRange range = name.Segment.Range.Child(name.Number);
        ReadOnlySpan<char> rest = name.Key.AsSpan(name.Segment.Length);
        for (int depth = name.Segment.Depth; depth < MaxDepth && rest.IndexOfAny(separators) is >= 0 and var end; depth++)
        {
            rest = rest[(end + 1)..];
            range = range.Child(1);
        }

        return range.Start;
    }

    /// <summary>Makes the segment that a lone name stands for.</summary>
    private NameSegment Divide(NameSegment parent, INamed lone, ReadOnlySpan<char> text)
    {
        NameSegment segment = parent.Replace(lone, text);
        if (TryCut(lone.Key, segment, out _))
            segment.AddLone(lone, separators);
        else
            segment.Add(lone);
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
