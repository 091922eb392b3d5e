using System.Runtime.InteropServices;

namespace MmuNotifier.FaultHandler;

/// <summary>Messages for the managed side. One that does not fit is lost, and the next fetch tells that.</summary>
internal sealed unsafe class MessageRing(int signalDescriptor)
{
    private const uint Capacity = 1 << 14;

    private readonly Message* _messages = (Message*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(Message));
    private readonly int* _lock = (int*)NativeMemory.AllocZeroed(1, 64);
    private uint _added;
    private uint _fetched;
    private bool _isLost;

    /// <summary>Adds a message and writes to the eventfd.</summary>
    internal void Add(in Message message)
    {
        NativeLock.Enter(_lock);
        if (_added - _fetched == Capacity)
            _isLost = true;
        else
            _messages[_added++ % Capacity] = message;
        NativeLock.Exit(_lock);
        ulong one = 1;
        _ = NativeCalls.Write(signalDescriptor, &one, sizeof(ulong));
    }

    /// <summary>Fetches the oldest message; false if there is none.</summary>
    internal bool TryFetch(Message* message)
    {
        NativeLock.Enter(_lock);
        bool isLost = _isLost;
        bool isThere = isLost || _added != _fetched;
        if (isLost)
            *message = new Message { Kind = Message.Lost };
        else if (isThere)
            *message = _messages[_fetched++ % Capacity];
        _isLost = false;
        NativeLock.Exit(_lock);
        return isThere;
    }

    internal void Free()
    {
        NativeMemory.Free(_messages);
        NativeMemory.Free(_lock);
    }
}
