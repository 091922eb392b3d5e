using System.Runtime.InteropServices;

namespace MmuNotifier.FaultHandler;

/// <summary>
/// The pages that devices have, by address: open addressing with linear probing, in native memory. It grows when half full, so a probe ends.
/// </summary>
internal sealed unsafe class PageTable
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

    internal void Free()
    {
        NativeMemory.Free(_slots);
        NativeMemory.Free(_lock);
    }

    private int HomeOf(ulong address) => (int)(((address >> 12) * 0x9E37_79B9_7F4A_7C15) >> 32) & _mask;

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
