namespace MmuNotifier.Linux;

/// <content>Mappings that are watched for nobody.</content>
public sealed partial class LinuxMemoryWatch
{
    /// <summary>How many mappings are looked at while the lock is held; a get may wait for it.</summary>
    private const int MappingsAtOnce = 64;

    /// <summary>Notes that mappings there may be watched for nobody.</summary>
    private void AddIdle(AddressRange range)
    {
        _lock.AssertHeld();
        bool isFirst = !_idle.IsAny;
        _idle.AddAround(range);
        if (isFirst)
            _reader?.Nudge();
    }

    /// <summary>Ends the watch of mappings that nobody needs, some at a time.</summary>
    /// <returns>Whether there may be more.</returns>
    private bool LetIdleGo(int mappingsAtOnce)
    {
        _lock.AssertHeld();
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
            }
        }

        return false;
    }

    private static AddressRange RangeOf(in QueriedMapping mapping) => new(mapping.Start, mapping.Last);
}
