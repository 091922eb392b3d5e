namespace MmuNotifier.Linux;

/// <content>What is mapped.</content>
public sealed partial class LinuxMemoryWatch
{
    /// <inheritdoc/>
    /// <remarks>Asks the kernel; also after a failure, as long as the mappings can be queried.</remarks>
    public bool IsMapped(AddressRange range)
    {
        lock (_lock)
        {
            if (_mappings is null || _isDisposed)
                return true;
            QueriedMapping? previous = null;
            ulong next = range.Start;
            while (_mappings.TryNext(range, previous, out QueriedMapping mapping))
            {
                if (mapping.Start > next)
                    return false;
                if (mapping.Last >= range.Last)
                    return true;
                next = mapping.Last + 1;
                previous = mapping;
            }

            return false;
        }
    }
}
