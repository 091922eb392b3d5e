using System.Diagnostics.CodeAnalysis;

namespace MmuNotifier.Linux;

/// <summary>The ranges that are watched, found by overlap; searches allocate nothing. Guarded by the watch's lock.</summary>
/// <remarks>
/// A treap: a binary search tree by start and last, and a heap by a number that is computed from the range. These numbers are as good as
/// random, so the depth grows with the logarithm of the count in whatever order ranges come. Each node knows the greatest last address
/// below it, so that a search leaves out what ends before the range begins.
/// </remarks>
internal sealed class WatchedRanges
{
    private readonly Dictionary<AddressRange, WatchedRange> _byRange = [];

    /// <summary>For the test of the tree's depth as well.</summary>
    internal WatchedRange? Root { get; private set; }

    internal int Count => _byRange.Count;

    /// <summary>All, in no order.</summary>
    internal Dictionary<AddressRange, WatchedRange>.ValueCollection All => _byRange.Values;

    internal WatchedRange Add(AddressRange range)
    {
        if (!_byRange.TryGetValue(range, out WatchedRange? watched))
        {
            watched = new WatchedRange(range);
            _byRange.Add(range, watched);
            Root = Insert(Root, watched);
        }

        watched.Count++;
        return watched;
    }

    internal WatchedRange? Find(AddressRange range) => _byRange.GetValueOrDefault(range);

    /// <returns>Whether it was there and nobody needs it any more.</returns>
    internal bool Remove(AddressRange range)
    {
        if (!_byRange.TryGetValue(range, out WatchedRange? watched) || --watched.Count > 0)
            return false;
        _byRange.Remove(range);
        Root = Remove(Root!, watched);
        return true;
    }

    internal void Clear()
    {
        _byRange.Clear();
        Root = null;
    }

    internal bool Overlaps(AddressRange range) => TryNext(range, null, out _);

    /// <summary>The first one that overlaps the range and comes after another; null: the first of all.</summary>
    internal bool TryNext(AddressRange range, WatchedRange? previous, [NotNullWhen(true)] out WatchedRange? next)
    {
        next = Next(Root, range, previous);
        return next is not null;
    }

    private static WatchedRange? Next(WatchedRange? node, AddressRange range, WatchedRange? previous)
    {
        while (node is not null && node.GreatestLast >= range.Start)
        {
            if (previous is null || IsBefore(previous.Range, node.Range))
            {
                if (Next(node.Before, range, previous) is { } found)
                    return found;
                if (node.Range.Start > range.Last)
                    return null;
                if (node.Range.Last >= range.Start)
                    return node;
            }

            node = node.After;
        }

        return null;
    }

    private static WatchedRange Insert(WatchedRange? node, WatchedRange added)
    {
        if (node is null)
            return added;
        if (Priority(added.Range) > Priority(node.Range))
        {
            (added.Before, added.After) = Split(node, added.Range);
            Update(added);
            return added;
        }

        if (IsBefore(added.Range, node.Range))
            node.Before = Insert(node.Before, added);
        else
            node.After = Insert(node.After, added);
        Update(node);
        return node;
    }

    private static (WatchedRange? Before, WatchedRange? After) Split(WatchedRange? node, AddressRange at)
    {
        if (node is null)
            return (null, null);
        WatchedRange? rest;
        if (IsBefore(node.Range, at))
        {
            (node.After, rest) = Split(node.After, at);
            Update(node);
            return (node, rest);
        }

        (rest, node.Before) = Split(node.Before, at);
        Update(node);
        return (rest, node);
    }

    private static WatchedRange? Remove(WatchedRange node, WatchedRange removed)
    {
        if (ReferenceEquals(node, removed))
            return Join(node.Before, node.After);
        if (IsBefore(removed.Range, node.Range))
            node.Before = Remove(node.Before!, removed);
        else
            node.After = Remove(node.After!, removed);
        Update(node);
        return node;
    }

    private static WatchedRange? Join(WatchedRange? before, WatchedRange? after)
    {
        if (before is null || after is null)
            return before ?? after;
        if (Priority(before.Range) > Priority(after.Range))
        {
            before.After = Join(before.After, after);
            Update(before);
            return before;
        }

        after.Before = Join(before, after.Before);
        Update(after);
        return after;
    }

    private static void Update(WatchedRange node)
    {
        ulong greatest = node.Range.Last;
        if (node.Before is { } before)
            greatest = Math.Max(greatest, before.GreatestLast);
        if (node.After is { } after)
            greatest = Math.Max(greatest, after.GreatestLast);
        node.GreatestLast = greatest;
    }

    private static bool IsBefore(AddressRange range, AddressRange other) =>
        range.Start != other.Start ? range.Start < other.Start : range.Last < other.Last;

    /// <summary>Bits of the range, mixed so that ranges at equal distances get unlike numbers.</summary>
    private static ulong Priority(AddressRange range)
    {
        ulong mixed = (range.Start * 0x9E3779B97F4A7C15) ^ range.Last;
        mixed = (mixed ^ (mixed >> 32)) * 0xD6E8FEB86659FD93;
        mixed = (mixed ^ (mixed >> 32)) * 0xD6E8FEB86659FD93;
        return mixed ^ (mixed >> 32);
    }
}
