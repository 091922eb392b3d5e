using System.Diagnostics;
using MmuNotifier.Linux;

namespace MmuNotifier.Tool.Sampling;

/// <summary>What the first write to a page costs after a look: measured on this machine, with memory of this process.</summary>
/// <remarks>The kernel resolves these faults by itself, so that no thread of this process waits for another one.</remarks>
internal static unsafe class FirstWriteCost
{
    private const int Pages = 256;
    private const int PageBytes = 1 << MemorySample.PageShift;
    private const int Rounds = 5;
    private const int ReadWrite = 3;

    /// <summary>Shared and anonymous: a mapping that is joined with no other one.</summary>
    private const int SharedAnonymous = 0x21;

    /// <summary>Where it cannot be measured: as on a slow virtual machine (docs/linux-facts.md, fact 16).</summary>
    internal static readonly TimeSpan Assumed = TimeSpan.FromMicroseconds(20);

    /// <summary>Measures it, in some milliseconds.</summary>
    internal static TimeSpan Measure()
    {
        const ulong length = (ulong)Pages * PageBytes;
        long address = Syscall.MapAnonymous(0, length, ReadWrite, SharedAnonymous, 0);
        if (address < 0)
            return Assumed;
        try
        {
            return MeasureIn((byte*)address);
        }
        finally
        {
            _ = Syscall.Unmap((ulong)address, length);
        }
    }

    private static TimeSpan MeasureIn(byte* memory)
    {
        var options = new LinuxMemoryWatchOptions { UsePerfEvents = false };
        if (!LinuxMemoryWatch.TryCreate(new AddressSpace(), options, out LinuxMemoryWatch? watch, out _))
            return Assumed;
        using (watch)
        {
            if (!watch.TryWatchWrites(AddressRange.FromPointer(memory, Pages * PageBytes), out WriteWatch? writes))
                return Assumed;
            using (writes)
            {
                _ = Write(memory); // What is touched for the first time is allocated as well.
                List<AddressRange> written = [];
                var rounds = new TimeSpan[Rounds];
                for (int i = 0; i < Rounds; i++)
                {
                    writes.TakeWritten(written);
                    rounds[i] = Write(memory);
                }

                Array.Sort(rounds);
                return rounds[Rounds / 2] / Pages;
            }
        }
    }

    private static TimeSpan Write(byte* memory)
    {
        long begin = Stopwatch.GetTimestamp();
        for (int i = 0; i < Pages; i++)
            Volatile.Write(ref memory[i * PageBytes], (byte)1);
        return Stopwatch.GetElapsedTime(begin);
    }
}
