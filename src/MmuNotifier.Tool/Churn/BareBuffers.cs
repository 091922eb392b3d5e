using System.Runtime.InteropServices;
using MmuNotifier.IoUring;

namespace MmuNotifier.Tool.Churn;

/// <summary>The well-known wrong program: a buffer is registered once for each range, and nobody hears of changes of the memory.</summary>
internal sealed class BareBuffers : IBufferSource
{
    private const int Slots = 1024;

    private readonly BufferSlots _slots;
    private readonly Dictionary<AddressRange, int> _registered = [];

    internal BareBuffers(SafeHandle ring) => _slots = new BufferSlots(ring, Slots);

    public long Hits { get; private set; }

    public int Use(AddressRange range, Func<int, int> transfer)
    {
        if (_registered.TryGetValue(range, out int slot))
        {
            Hits++;
            return transfer(slot);
        }

        if (_registered.Count == Slots)
        {
            foreach ((AddressRange old, int oldSlot) in _registered)
                _slots.Release(oldSlot, old);
            _registered.Clear();
        }

        slot = _slots.Register(range);
        _registered.Add(range, slot);
        return transfer(slot);
    }

    public void Dispose() => _slots.Dispose();
}
