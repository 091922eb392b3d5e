using System.Runtime.InteropServices;

namespace MmuNotifier.FaultHandler;

/// <summary>
/// Messages for the managed side. One that does not fit is lost, and the next fetch tells that. The thread that adds takes no lock: one that
/// fetches may be stopped at any instruction, even by a signal handler that unmaps memory and so waits for the thread that adds.
/// </summary>
internal sealed unsafe class MessageRing(uint capacity)
{
    private readonly Message* _messages = (Message*)NativeMemory.AllocZeroed(capacity, (nuint)sizeof(Message));
    private readonly int* _lock = (int*)NativeMemory.AllocZeroed(1, 64);
    private uint _added;
    private uint _fetched;
    private int _isLost;

    /// <summary>Adds a message; one thread only.</summary>
    internal void Add(in Message message)
    {
        if (_added - Volatile.Read(ref _fetched) == capacity)
        {
            Volatile.Write(ref _isLost, 1);
            return;
        }

        _messages[_added % capacity] = message;
        Volatile.Write(ref _added, _added + 1);
    }

    /// <summary>Fetches the oldest message; false if there is none.</summary>
    internal bool TryFetch(Message* message)
    {
        NativeLock.Enter(_lock);
        bool isLost = Interlocked.Exchange(ref _isLost, 0) != 0;
        bool isThere = isLost || Volatile.Read(ref _added) != _fetched;
        if (isLost)
        {
            *message = new Message { Kind = Message.Lost };
        }
        else if (isThere)
        {
            *message = _messages[_fetched % capacity];
            Volatile.Write(ref _fetched, _fetched + 1);
        }

        NativeLock.Exit(_lock);
        return isThere;
    }

    internal void Free()
    {
        NativeMemory.Free(_messages);
        NativeMemory.Free(_lock);
    }
}
