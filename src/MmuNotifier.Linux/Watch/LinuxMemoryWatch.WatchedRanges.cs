namespace MmuNotifier.Linux;

/// <content>What is watched.</content>
public sealed partial class LinuxMemoryWatch
{
    private const int MaxRegistrationPasses = 16;

    /// <inheritdoc/>
    /// <remarks>Registers whole mappings: a registered part of one splits it, and a later mremap over both parts would fail.</remarks>
    public bool TryWatch(AddressRange range)
    {
        lock (_lock)
        {
            if (Failure is not null)
                return false;
            // Before the mappings are looked at: a record of what happens to them from then on is not passed over.
            WatchedRange watched = _ranges.Add(range);
            if (!TryRegister(range))
            {
                Forget(range);
                return false;
            }

            QueriedMapping last = default;
            MappingProtection? protection = _mappings!.ProtectionOf(range, ref last);
            if (watched.Count > 1 && protection != watched.Protection)
                _reports.Add(range, InvalidationEvent.ProtectionVma);
            watched.Protection = protection;
            return true;
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
        _lock.AssertHeld();
        if (_ranges.Remove(range))
            AddIdle(range);
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

            RegisterWhatGrew(again);
            if (again.Last >= range.Last)
                return true;
            address = again.Last + 1;
        }
    }

    /// <summary>
    /// Another thread may have grown the mapping (mremap) between the question and the registration, which then has split it: the rest is
    /// registered too, and the kernel joins both. Otherwise an mremap of the whole fails with EFAULT for as long as the mapping is watched.
    /// </summary>
    private void RegisterWhatGrew(in QueriedMapping mapping)
    {
        if (_mappings!.TryFind(mapping.Last + 1, out QueriedMapping next) && mapping.IsContinuedBy(next))
            _reader!.Userfaultfd.Register(next.Start, next.Last);
    }
}
