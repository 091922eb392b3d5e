using System.Numerics;

namespace MmuNotifier.Hmm;

/// <summary>
/// Which frames of a device's memory are free: a bit each, and their number in each group of 512. Guarded by the lock of its user.
/// </summary>
/// <remarks>Single frames are taken from the bottom, blocks from the top, so that single ones do not break blocks up.</remarks>
internal sealed class FreeFrames
{
    private const int WordFrames = 64;
    private const int GroupFrames = 512;
    private const int WordsPerGroup = GroupFrames / WordFrames;

    private readonly ulong[] _words;
    private readonly int[] _freeInGroup;
    private readonly int _capacity;

    // No word below it has a free frame.
    private int _firstWord;

    /// <summary>All are free.</summary>
    internal FreeFrames(int capacity)
    {
        _capacity = capacity;
        _freeInGroup = new int[(capacity + GroupFrames - 1) / GroupFrames];
        _words = new ulong[_freeInGroup.Length * WordsPerGroup];
        for (int i = 0; i < capacity; i++)
            Add(i);
    }

    /// <summary>How many are free.</summary>
    internal int Count { get; private set; }

    /// <summary>Whether a frame is free.</summary>
    internal bool Contains(int index) => (_words[index / WordFrames] & BitOf(index)) != 0;

    /// <summary>Marks a frame free that was in use.</summary>
    internal void Add(int index)
    {
        _words[index / WordFrames] |= BitOf(index);
        _freeInGroup[index / GroupFrames]++;
        Count++;
        _firstWord = Math.Min(_firstWord, index / WordFrames);
    }

    /// <summary>Takes the lowest free frame; false if there is none.</summary>
    internal bool TryTake(out int index)
    {
        index = 0;
        if (Count == 0)
            return false;
        while (_words[_firstWord] == 0)
            _firstWord = _firstWord % WordsPerGroup == 0 && _freeInGroup[_firstWord / WordsPerGroup] == 0
                ? _firstWord + WordsPerGroup
                : _firstWord + 1;
        index = (_firstWord * WordFrames) + BitOperations.TrailingZeroCount(_words[_firstWord]);
        Take(index);
        return true;
    }

    /// <summary>Takes the highest block of free frames of which the first is a multiple of their number, a power of two.</summary>
    internal bool TryTakeBlock(int count, out int first)
    {
        for (first = (_capacity / count * count) - count; first >= 0; first -= count)
        {
            if (_freeInGroup[first / GroupFrames] < Math.Min(count, GroupFrames) || !AreFree(first, count))
                continue;
            for (int i = first; i < first + count; i++)
                Take(i);
            return true;
        }

        return false;
    }

    private static ulong BitOf(int index) => 1UL << (index % WordFrames);

    private bool AreFree(int first, int count)
    {
        if (count < WordFrames)
        {
            ulong bits = ((1UL << count) - 1) << (first % WordFrames);
            return (_words[first / WordFrames] & bits) == bits;
        }

        return !_words.AsSpan(first / WordFrames, count / WordFrames).ContainsAnyExcept(ulong.MaxValue);
    }

    private void Take(int index)
    {
        _words[index / WordFrames] &= ~BitOf(index);
        _freeInGroup[index / GroupFrames]--;
        Count--;
    }
}
