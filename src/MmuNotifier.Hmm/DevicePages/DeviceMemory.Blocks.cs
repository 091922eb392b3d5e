namespace MmuNotifier.Hmm;

/// <content>Blocks of frames, for huge pages.</content>
public sealed unsafe partial class DeviceMemory
{
    /// <summary>
    /// Takes 2^order free pages with consecutive numbers, filled with zeros; the first number is a multiple of 2^order. Each page is freed
    /// separately. Takes time in proportion to the blocks of that size.
    /// </summary>
    /// <param name="order">Logarithm of the number of pages: 0 to 23; 9 for a huge page of 2 MiB.</param>
    /// <param name="firstFrame">The first frame; 0 if there is none.</param>
    /// <returns>False if no such block is free.</returns>
    public bool TryAllocateBlock(int order, out ulong firstFrame)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(order);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(order, FramesPerDeviceShift);
        int count = 1 << order;
        int first;
        lock (_lock)
        {
            if (_isDisposed || !_free.TryTakeBlock(count, out first))
            {
                firstFrame = 0;
                return false;
            }
        }

        ShareGeneration(first, count);
        for (int i = first; i < first + count; i++)
            Prepare(i);
        firstFrame = FrameOf(first);
        return true;
    }

    // A block has consecutive numbers, so its pages share one generation: the highest among theirs, which none of them has had in use.
    private void ShareGeneration(int first, int count)
    {
        uint highest = 0;
        for (int i = first; i < first + count; i++)
            highest = Math.Max(highest, GenerationIn(Volatile.Read(ref _words[i])));
        for (int i = first; i < first + count; i++)
            SetGeneration(i, highest);
    }
}
