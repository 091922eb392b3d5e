using MmuNotifier.Linux.Proc;

namespace MmuNotifier.Linux.OwnWatching;

/// <content>Mappings that are watched for nobody, and those that should be watched so that their neighbours can be moved with them.</content>
public sealed partial class OwnMemoryWatch
{
    /// <summary>How many mappings are looked at while the lock is held; a get may wait for it.</summary>
    private const int MappingsAtOnce = 64;

    private readonly IdleRanges _idle = new();

    /// <summary>What was unmapped since the last look for mappings that have taken its place.</summary>
    private readonly IdleRanges _holes = new();

    /// <summary>Notes that mappings there may be watched for nobody.</summary>
    private void AddIdle(AddressRange range)
    {
        bool isFirst = !_idle.IsAny;
        _idle.AddAround(range);
        if (isFirst)
            _reader?.Nudge();
    }

    /// <summary>
    /// Has mappings watched that have taken the place of a part of a watched one. Only then does the kernel join them with their neighbours; and
    /// mremap of the whole, which the program may make, is refused while they are apart.
    /// </summary>
    /// <returns>Whether there may be more.</returns>
    private bool JoinReplacedParts()
    {
        int left = MappingsAtOnce;
        while (left > 0 && _holes.TryTake(out AddressRange hole))
        {
            QueriedMapping? previous = null;
            while (_mappings!.TryNext(hole, previous, out QueriedMapping mapping))
            {
                if (left-- == 0)
                {
                    _holes.Add(new AddressRange(Math.Max(hole.Start, mapping.Start), hole.Last));
                    return true;
                }

                previous = mapping;
                TryJoin(mapping);
            }
        }

        return _holes.IsAny;
    }

    /// <summary>Ends the watch of mappings that nobody needs, some at a time.</summary>
    /// <returns>Whether there may be more.</returns>
    private bool LetIdleGo(int mappingsAtOnce)
    {
        int left = mappingsAtOnce;
        AddressRange? needed = null;
        while (_idle.TryTake(out AddressRange range))
        {
            // Many ranges of one mapping: it is looked up once.
            if (needed?.Contains(range) == true)
                continue;
            QueriedMapping? previous = null;
            while (_mappings!.TryNext(range, previous, out QueriedMapping mapping))
            {
                if (left-- == 0)
                {
                    _idle.Add(new AddressRange(Math.Max(range.Start, mapping.Start), range.Last));
                    return true;
                }

                previous = mapping;
                AddressRange whole = RangeOf(mapping);
                if (_ranges.Overlaps(whole))
                    needed = whole;
                else if (IsRegistered(mapping, whole))
                    _reader!.Userfaultfd.Unregister(whole.Start, whole.Last);
                else
                    TryJoin(mapping);
            }
        }

        return false;
    }

    /// <summary>Registers a mapping if that makes it a part of a neighbour that is watched for somebody.</summary>
    private void TryJoin(in QueriedMapping mapping)
    {
        AddressRange whole = RangeOf(mapping);
        if (_ranges.Overlaps(whole) || !HasNeededNeighbour(whole) || IsRegistered(mapping, whole)
            || !_reader!.Userfaultfd.Register(whole.Start, whole.Last).Succeeded)
        {
            return;
        }

        // It was not registered, so it is not another userfaultfd's.
        bool isJoined = _mappings!.TryFind(whole.Start, out QueriedMapping now) && RangeOf(now) != whole && _ranges.Overlaps(RangeOf(now));
        if (!isJoined)
            _reader.Userfaultfd.Unregister(whole.Start, whole.Last);
    }

    private bool HasNeededNeighbour(AddressRange range) =>
        (range.Start > 0 && IsNeeded(range.Start - 1)) || (range.Last < ulong.MaxValue && IsNeeded(range.Last + 1));

    private bool IsNeeded(ulong address) =>
        _mappings!.TryFind(address, out QueriedMapping neighbour) && _ranges.Overlaps(RangeOf(neighbour));

    private static AddressRange RangeOf(in QueriedMapping mapping) => new(mapping.Start, mapping.Last);
}
