using System.Numerics;
using System.Runtime.CompilerServices;

namespace MmuNotifier.Registration;

/// <summary>
/// Entries by their first byte: open addressing. Hits read it without a lock; it is written under the cache's lock, which writers assert.
/// At most one entry a first byte.
/// </summary>
/// <remarks>
/// A reader may see the table of before or after any step of the writer, and a table that another has replaced. Nothing is decided here:
/// the entry's state, which the reader checks when it holds the entry, says whether it may be used. A reader that finds nothing looks again
/// by the slow way. A slot keeps its key for good, so what a reader finds under a key never has another first byte. When keys fill
/// half of the slots, a new table with the live entries replaces it.
/// </remarks>
internal sealed class EntryTable
{
    private const int SmallestLogarithm = 6;
    private const int PageBits = 12;
    private const int LargestAlignmentBits = 30;

    private readonly DriverLock _cacheLock;
    private readonly Slot[] _slots;
    private readonly int _logarithm;

    /// <summary>What most entries are aligned to, as a power of two: see <see cref="IndexOf"/>.</summary>
    private readonly int _alignmentBits;

    /// <summary>Slots with a key. Guarded by the cache's lock.</summary>
    private int _used;

    public EntryTable(DriverLock cacheLock)
        : this(cacheLock, SmallestLogarithm, PageBits)
    {
    }

    private EntryTable(DriverLock cacheLock, int logarithm, int alignmentBits)
    {
        _cacheLock = cacheLock;
        _alignmentBits = alignmentBits;
        _slots = new Slot[1 << logarithm];
        _logarithm = logarithm;
    }

    /// <summary>The entry that begins where the range does and covers it, or null. Any thread, without a lock.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public CacheEntry? Find(AddressRange range)
    {
        long key = KeyOf(range.Start);
        Slot[] slots = _slots;
        for (int i = IndexOf(key); ; i++)
        {
            ref Slot slot = ref slots[i & (slots.Length - 1)];
            long found = slot.Key.Read();
            if (found == key)
                return slot.Entry.Read() is { } entry && entry.Range.Last >= range.Last ? entry : null;
            if (found == 0)
                return null;
        }
    }

    /// <summary>The entry that begins there, or null.</summary>
    public CacheEntry? FindFirstByte(ulong start) => Find(AddressRange.FromLength(start, 1));

    /// <summary>Puts the entry in, in place of one that begins at the same byte.</summary>
    /// <returns>False if the table is full; then put it into <see cref="Grown"/>.</returns>
    public bool TryPut(CacheEntry entry)
    {
        _cacheLock.AssertHeld();
        long key = KeyOf(entry.Range.Start);
        ref Slot slot = ref SlotOf(key);
        if (slot.Key.ReadRelaxed() == 0)
        {
            if (_used >= _slots.Length / 2)
                return false;
            _used++;
            slot.Entry.Write(entry); // Before the key: a reader that finds the key finds the entry.
            slot.Key.Write(key);
            return true;
        }

        slot.Entry.Write(entry);
        return true;
    }

    /// <summary>Harmless if another entry has taken its place.</summary>
    public void Remove(CacheEntry entry)
    {
        _cacheLock.AssertHeld();
        ref Slot slot = ref SlotOf(KeyOf(entry.Range.Start));
        if (ReferenceEquals(slot.Entry.ReadRelaxed(), entry))
            slot.Entry.Write(null);
    }

    /// <summary>A table with the same entries and room for as many again, without the keys of those that have gone.</summary>
    public EntryTable Grown()
    {
        _cacheLock.AssertHeld();
        int living = 0;
        ulong differing = 0;
        ulong one = 0;
        foreach (ref Slot slot in _slots.AsSpan())
        {
            if (slot.Entry.ReadRelaxed() is not { } entry)
                continue;
            one = living++ == 0 ? entry.Range.Start : one;
            differing |= entry.Range.Start ^ one;
        }

        int logarithm = SmallestLogarithm;
        while (1 << logarithm < (living + 1) * 3)
            logarithm++;
        var grown = new EntryTable(
            _cacheLock, logarithm, Math.Clamp(BitOperations.TrailingZeroCount(differing), PageBits, LargestAlignmentBits));
        foreach (ref Slot slot in _slots.AsSpan())
        {
            if (slot.Entry.ReadRelaxed() is { } entry)
                grown.TryPut(entry);
        }

        return grown;
    }

    /// <summary>Never 0, except for the last byte of the space, where no mapping is.</summary>
    private static long KeyOf(ulong start) => (long)~start;

    /// <summary>
    /// Neighbours in memory are neighbours here, so that going through memory goes through the table: the address without the bits that are
    /// the same in all entries, or were when the table was made. What is above the table's size is folded in, so that equal distances fall
    /// on different slots; what is below the alignment spreads by a factor of its own.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int IndexOf(long key)
    {
        ulong high = (ulong)key >> _alignmentBits;
        ulong low = ((ulong)key ^ (high << _alignmentBits)) * 0x9E3779B97F4A7C15;
        return (int)(high ^ (high >> _logarithm) ^ (high >> (2 * _logarithm)) ^ (low >> (64 - _logarithm))) & (_slots.Length - 1);
    }

    private ref Slot SlotOf(long key)
    {
        for (int i = IndexOf(key); ; i++)
        {
            ref Slot slot = ref _slots[i & (_slots.Length - 1)];
            long found = slot.Key.ReadRelaxed();
            if (found == key || found == 0)
                return ref slot;
        }
    }

    private struct Slot
    {
        /// <summary>0 while the slot is empty.</summary>
        public AtomicInt64 Key;

        /// <summary>Null when the entry has gone.</summary>
        public AtomicReference<CacheEntry> Entry;
    }
}
