using System.Diagnostics;
using MmuNotifier.Hmm;
using MmuNotifier.Linux.Proc;

namespace MmuNotifier.Linux.OwnWatching;

/// <content>What is watched.</content>
public sealed partial class OwnMemoryWatch
{
    private const int MaxRegistrationPasses = 16;
    private const int MaxIdle = 1024;

    private readonly List<AddressRange> _idle = new(MaxIdle + 1);
    private long _idleSince;
    private volatile bool _hasIdle;

    /// <inheritdoc/>
    /// <remarks>Registers whole mappings: a registered part of one splits it, and a later mremap over both parts would fail.</remarks>
    public MemoryCoverage Watch(AddressRange range)
    {
        lock (_lock)
        {
            if (Failure is not null)
                return MemoryCoverage.None;
            // Before the mappings are looked at: a record of what happens to them from then on is not passed over.
            WatchedRange watched = _ranges.Add(range);
            if (!TryRegister(range))
            {
                Forget(range);
                return MemoryCoverage.None;
            }

            QueriedMapping last = default;
            MappingProtection? protection = _mappings!.ProtectionOf(range, ref last);
            if (watched.Count > 1 && protection != watched.Protection)
                _reports.Add(range, InvalidationEvent.ProtectionVma);
            watched.Protection = protection;
            return MemoryCoverage.Events;
        }
    }

    /// <inheritdoc/>
    public void Unwatch(AddressRange range)
    {
        lock (_lock)
        {
            if (!_isDisposed)
                Forget(range);
        }
    }

    private void Forget(AddressRange range)
    {
        if (!_ranges.Remove(range))
            return;
        bool isFirst = !_hasIdle;
        AddIdle(range);
        if (isFirst)
            _reader?.Nudge();
    }

    /// <summary>
    /// Registers the mappings under the range as they are found, and looks again: one that has changed between the two steps was registered
    /// in part, or not at all. What changes after that moves the stamp.
    /// </summary>
    private bool TryRegister(AddressRange range)
    {
        ulong address = range.Start;
        int passes = 0;
        while (true)
        {
            if (!_mappings!.TryFind(address, out QueriedMapping found)
                || !_reader!.Userfaultfd.Register(found.Start, found.Last).Succeeded
                || !_mappings.TryFind(address, out QueriedMapping again))
            {
                return false;
            }

            // It may have joined a registered neighbour.
            if (again.Start > found.Start || again.Last < found.Last)
            {
                if (++passes > MaxRegistrationPasses)
                    return false;
                continue;
            }

            if (again.Last >= range.Last)
                return true;
            address = again.Last + 1;
        }
    }

    /// <summary>Notes that mappings there may be watched for nobody.</summary>
    private void AddIdle(AddressRange range)
    {
        if (!_hasIdle)
            _idleSince = Stopwatch.GetTimestamp();
        _hasIdle = true;
        // The neighbours too: an unmapped hole leaves watched mappings at its sides.
        var around = new AddressRange(range.Start - Math.Min(range.Start, 1), range.Last + Math.Min(ulong.MaxValue - range.Last, 1));
        if (_idle.Count > 0 && _idle[^1].Overlaps(around))
            _idle[^1] = _idle[^1].Hull(around);
        else
            _idle.Add(around);
        if (_idle.Count > MaxIdle)
            LetIdleGo();
    }

    /// <summary>The same once they have been idle for a while: who forgets a range may soon want one beside it.</summary>
    private void LetLongIdleGo()
    {
        if (_hasIdle && Stopwatch.GetElapsedTime(_idleSince).TotalMilliseconds >= IdleMilliseconds)
            LetIdleGo();
    }

    /// <summary>
    /// Ends the watch of mappings that nobody needs. Registering them once more comes first: it is refused where they belong to another
    /// userfaultfd, whose registration older kernels would take away.
    /// </summary>
    private void LetIdleGo()
    {
        _hasIdle = false;
        if (_reader is null || !_reader.IsRunning)
        {
            _idle.Clear();
            return;
        }

        AddressRange? needed = null;
        foreach (AddressRange range in _idle)
        {
            // Many ranges of one mapping: it is looked up once.
            if (needed?.Contains(range) == true)
                continue;
            QueriedMapping? previous = null;
            while (_mappings!.TryNext(range, previous, out QueriedMapping mapping))
            {
                previous = mapping;
                var whole = new AddressRange(mapping.Start, mapping.Last);
                if (_ranges.Overlaps(whole))
                    needed = whole;
                else if (_reader.Userfaultfd.Register(whole.Start, whole.Last).Succeeded)
                    _reader.Userfaultfd.Unregister(whole.Start, whole.Last);
            }
        }

        _idle.Clear();
    }
}
