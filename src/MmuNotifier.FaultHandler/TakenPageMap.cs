using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.FaultHandler;

/// <summary>
/// The pages that devices have, by address: open addressing with linear probing, in native memory. It grows when half full, so a probe
/// ends.
/// </summary>
internal sealed unsafe class TakenPageMap
{
    private readonly int* _lock = (int*)NativeMemory.AllocZeroed(1, 64);
    private TakenPage* _slots = (TakenPage*)NativeMemory.AllocZeroed(1024, (nuint)sizeof(TakenPage));
    private int _mask = 1023;
    private int _count;

    /// <summary>Adds a page, or changes it.</summary>
    internal void Set(TakenPage page)
    {
        NativeLock.Enter(_lock);
        if (_count * 2 > _mask)
            Grow();
        TakenPage* slot = Find(page.Address);
        _count += slot->Address == 0 ? 1 : 0;
        *slot = page;
        NativeLock.Exit(_lock);
    }

    /// <summary>Takes a page out.</summary>
    internal bool TryRemove(ulong address, out TakenPage page)
    {
        NativeLock.Enter(_lock);
        TakenPage* slot = Find(address);
        page = *slot;
        if (page.Address != 0)
            Close((int)(slot - _slots));
        NativeLock.Exit(_lock);
        return page.Address != 0;
    }

    /// <summary>Takes every page in [start, last] out, keeps devices from it, and says so; waits for no access of theirs.</summary>
    internal void Revoke(ulong start, ulong last, EventRing events)
    {
        // Nothing is added meanwhile that this thread must see: a page is added only while it is write-protected, and this thread's reads
        // are ordered before or after that protection.
        if (Volatile.Read(ref _count) == 0)
            return;
        NativeLock.Enter(_lock);
        ulong next = start;
        int index = 0;
        while (TryFindIn(ref next, ref index, start, last, out TakenPage* slot))
        {
            Interlocked.Or(ref *slot->Word, TakenPage.Revoked);
            events.Add(UserfaultEvent.OfPage(UserfaultEventKind.Dropped, slot->Address, (ulong)slot->Word));
            Close((int)(slot - _slots));
        }

        NativeLock.Exit(_lock);
    }

    /// <summary>The pages in [start, last] are at another place from now on.</summary>
    internal void Move(ulong start, ulong last, ulong to)
    {
        if (Volatile.Read(ref _count) == 0)
            return;
        NativeLock.Enter(_lock);
        TakenPage* moved = (TakenPage*)NativeMemory.Alloc((nuint)_count + 1, (nuint)sizeof(TakenPage));
        int count = 0;
        ulong next = start;
        int index = 0;
        while (TryFindIn(ref next, ref index, start, last, out TakenPage* slot))
        {
            moved[count] = *slot;
            moved[count++].Address += to - start;
            Close((int)(slot - _slots));
        }

        for (int i = 0; i < count; i++)
        {
            *Find(moved[i].Address) = moved[i];
            _count++;
        }

        NativeMemory.Free(moved);
        NativeLock.Exit(_lock);
    }

    internal void Free()
    {
        NativeMemory.Free(_slots);
        NativeMemory.Free(_lock);
    }

    private int HomeOf(ulong address) => (int)(((address >> PageSize.Shift) * 0x9E37_79B9_7F4A_7C15) >> 32) & _mask;

    // By address or by slot, whichever are fewer; continues where it was. A slot that was closed is looked at again: another may have moved
    // up to it. Ranges of events end below 2^63, so the next address does not wrap around.
    private bool TryFindIn(ref ulong next, ref int index, ulong start, ulong last, out TakenPage* found)
    {
        if ((last - start) >> PageSize.Shift <= (ulong)_mask)
        {
            for (; next <= last; next += PageSize.Bytes)
            {
                found = Find(next);
                if (found->Address != 0)
                    return true;
            }
        }
        else
        {
            for (; index <= _mask; index++)
            {
                found = _slots + index;
                if (found->Address != 0 && found->Address >= start && found->Address <= last)
                    return true;
            }
        }

        found = null;
        return false;
    }

    private TakenPage* Find(ulong address)
    {
        int index = HomeOf(address);
        while (_slots[index].Address != 0 && _slots[index].Address != address)
            index = (index + 1) & _mask;
        return _slots + index;
    }

    /// <summary>Frees a slot and moves those behind it up that would not be found over the gap.</summary>
    private void Close(int gap)
    {
        for (int index = (gap + 1) & _mask; _slots[index].Address != 0; index = (index + 1) & _mask)
        {
            int distance = (index - HomeOf(_slots[index].Address)) & _mask;
            if (distance < ((index - gap) & _mask))
                continue;
            _slots[gap] = _slots[index];
            gap = index;
        }

        _slots[gap] = default;
        _count--;
    }

    private void Grow()
    {
        TakenPage* old = _slots;
        int oldMask = _mask;
        _mask = (_mask * 2) + 1;
        _slots = (TakenPage*)NativeMemory.AllocZeroed((nuint)_mask + 1, (nuint)sizeof(TakenPage));
        for (int i = 0; i <= oldMask; i++)
        {
            if (old[i].Address != 0)
                *Find(old[i].Address) = old[i];
        }

        NativeMemory.Free(old);
    }
}
