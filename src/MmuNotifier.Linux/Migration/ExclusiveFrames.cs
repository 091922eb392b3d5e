using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <summary>
/// Where pages are while a device holds them for its atomics. The kernel leaves such a page in place and only takes the CPU's entry away;
/// from outside it can only be kept from the CPU by having it here. Grows by chunks. Calls may run at the same time.
/// </summary>
internal sealed class ExclusiveFrames : IDisposable
{
    private const int ChunkPages = 1024;
    private const int MaxChunks = 1024;

    private readonly Lock _lock = new();
    private readonly List<DeviceMemory> _chunks = [];

    /// <summary>Takes a frame; false if 4 GiB are in use.</summary>
    internal bool TryAllocate(out DeviceMemory memory, out ulong frame)
    {
        lock (_lock)
        {
            foreach (DeviceMemory chunk in _chunks)
            {
                memory = chunk;
                if (chunk.TryAllocate(out frame))
                    return true;
            }

            if (_chunks.Count < MaxChunks)
            {
                memory = new DeviceMemory(DeviceMemoryKind.Private, this, ChunkPages);
                _chunks.Add(memory);
                return memory.TryAllocate(out frame);
            }
        }

        memory = null!;
        frame = 0;
        return false;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (DeviceMemory chunk in _chunks)
                chunk.Dispose();
            _chunks.Clear();
        }
    }
}
