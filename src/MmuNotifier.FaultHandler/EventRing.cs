using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.FaultHandler;

/// <summary>
/// Events for the managed side. One that does not fit is lost, and the next fetch says so. The thread that adds takes no lock: one
/// that fetches may be stopped at any instruction, even by a signal handler that unmaps memory and so waits for the thread that adds.
/// </summary>
internal sealed unsafe class EventRing(uint capacity)
{
    private readonly UserfaultEvent* _events = (UserfaultEvent*)NativeMemory.AllocZeroed(capacity, (nuint)UserfaultEvent.SizeBytes);
    private readonly int* _lock = (int*)NativeMemory.AllocZeroed(1, 64);
    private uint _added;
    private uint _fetched;
    private int _isLost;

    /// <summary>Adds an event; one thread only.</summary>
    internal void Add(in UserfaultEvent news)
    {
        if (_added - Volatile.Read(ref _fetched) == capacity)
        {
            Volatile.Write(ref _isLost, 1);
            return;
        }

        _events[_added % capacity] = news;
        Volatile.Write(ref _added, _added + 1);
    }

    /// <summary>Fetches the oldest event; false if there is none.</summary>
    internal bool TryFetch(UserfaultEvent* news)
    {
        NativeLock.Enter(_lock);
        bool isLost = Interlocked.Exchange(ref _isLost, 0) != 0;
        bool isThere = isLost || Volatile.Read(ref _added) != _fetched;
        if (isLost)
        {
            *news = UserfaultEvent.Everywhere(UserfaultEventKind.Lost);
        }
        else if (isThere)
        {
            *news = _events[_fetched % capacity];
            Volatile.Write(ref _fetched, _fetched + 1);
        }

        NativeLock.Exit(_lock);
        return isThere;
    }

    internal void Free()
    {
        NativeMemory.Free(_events);
        NativeMemory.Free(_lock);
    }
}
