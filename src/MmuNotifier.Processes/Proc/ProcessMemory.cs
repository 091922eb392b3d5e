using System.Runtime.CompilerServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// Copies memory between another process and this one, without stopping or watching it (<c>process_vm_readv</c>). The kernel looks the
/// process up by its number on each call: after an exec it reads the new program, after a reuse of the number another process. So hold
/// something that knows the process, and ask it after the read. Reading a page that was never touched makes it exist.
/// </summary>
public static unsafe class ProcessMemory
{
    /// <summary>Reads memory, up to the first page that cannot be read.</summary>
    /// <param name="processId">The process; the caller needs the rights of ptrace over it.</param>
    /// <param name="address">The first byte.</param>
    /// <param name="destination">Gets the bytes.</param>
    /// <returns>How many were read; 0 also if the process is gone, or may not be read.</returns>
    public static int Read(int processId, ulong address, Span<byte> destination)
    {
        if (destination.IsEmpty)
            return 0;
        ulong last = AddressRange.FromLength(address, (ulong)destination.Length).Last;
        fixed (byte* bytes = destination)
            return (int)Read(processId, address, last, bytes).Bytes;
    }

    /// <summary>Writes memory, up to the first page that cannot be written; as the process itself could.</summary>
    /// <param name="processId">The process; the caller needs the rights of ptrace over it.</param>
    /// <param name="address">The first byte.</param>
    /// <param name="source">The bytes.</param>
    /// <returns>How many were written; 0 also if the process is gone, or may not be written.</returns>
    public static int Write(int processId, ulong address, ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty)
            return 0;
        ulong last = AddressRange.FromLength(address, (ulong)source.Length).Last;
        fixed (byte* bytes = source)
            return (int)Write(processId, address, last, bytes).Bytes;
    }

    /// <summary>Reads [start, last] into the destination, up to the first page that cannot be read.</summary>
    internal static MemoryReadResult Read(int processId, ulong start, ulong last, void* destination) =>
        Copy(&Syscall.ReadProcess, processId, start, last, destination);

    /// <summary>Writes [start, last] from the source, up to the first page that cannot be written; as the process itself could.</summary>
    internal static MemoryReadResult Write(int processId, ulong start, ulong last, void* source) =>
        Copy(&Syscall.WriteProcess, processId, start, last, source);

    /// <summary>
    /// Reads up to <see cref="Syscall.MaxVectorRanges"/> ranges, one behind the other, in one call. It stops at the first page that
    /// cannot be read.
    /// </summary>
    internal static MemoryReadResult ReadVector(int processId, ReadOnlySpan<IoVector> ranges, void* destination)
    {
        ulong wanted = 0;
        foreach (IoVector range in ranges)
            wanted += range.LengthBytes;
        var local = new IoVector((ulong)destination, wanted);
        fixed (IoVector* remote = ranges)
        {
            long read = Syscall.ReadProcess(processId, &local, 1, remote, ranges.Length);
            return new MemoryReadResult(Math.Max(read, 0), Syscall.ErrorOf(read));
        }
    }

    /// <summary>
    /// Reads every whole page of the list that can be read, each to its own place in the destination, and answers for each whether
    /// it was. The error is set only if the process itself cannot be read.
    /// </summary>
    [SkipLocalsInit]
    internal static Errno ReadPages(int processId, ReadOnlySpan<ulong> addresses, void* destination, Span<bool> wasRead)
    {
        IoVector* ranges = stackalloc IoVector[Syscall.MaxVectorRanges];
        for (int next = 0; next < addresses.Length;)
        {
            int count = 0;
            int end = next;
            for (; end < addresses.Length; end++)
            {
                // Neighbours are one range: the kernel looks each range up by itself.
                bool isNeighbour = end > next && addresses[end] == addresses[end - 1] + PageSize.Bytes;
                if (isNeighbour)
                    ranges[count - 1] = ranges[count - 1] with { LengthBytes = ranges[count - 1].LengthBytes + PageSize.Bytes };
                else if (count < Syscall.MaxVectorRanges)
                    ranges[count++] = new IoVector(addresses[end], PageSize.Bytes);
                else
                    break;
            }

            byte* place = (byte*)destination + ((ulong)next * PageSize.Bytes);
            MemoryReadResult result = ReadVector(processId, new ReadOnlySpan<IoVector>(ranges, count), place);
            if (result.Error is not (Errno.None or Errno.BadAddress))
                return result.Error;
            int read = (int)((ulong)result.Bytes / PageSize.Bytes);
            wasRead.Slice(next, read).Fill(true);
            next += read;
            // The call stopped short: the next page is the one that cannot be read.
            if (next < end)
                wasRead[next++] = false;
        }

        return Errno.None;
    }

    private static MemoryReadResult Partial(ulong done, Errno error) =>
        done == 0 ? new MemoryReadResult(0, error) : new MemoryReadResult((long)done, Errno.None);

    private static MemoryReadResult Copy(
        delegate*<int, IoVector*, int, IoVector*, int, long> call, int processId, ulong start, ulong last, void* place)
    {
        ulong wanted = last - start + 1;
        ulong done = 0;
        int thread = processId;
        while (done < wanted)
        {
            var local = new IoVector((ulong)place + done, wanted - done);
            var remote = new IoVector(start + done, wanted - done);
            long copied = call(thread, &local, 1, &remote, 1);

            // A main thread that has ended has no memory, although other threads may live on.
            if (Syscall.ErrorOf(copied) == Errno.NoProcess && thread == processId)
            {
                thread = LiveThread.Find(processId);
                if (thread != 0 && thread != processId)
                    continue;
            }

            // A short answer may come from a signal or from the limit of one call, so only the next call shows what stopped it.
            if (copied <= 0)
                return Partial(done, Syscall.ErrorOf(copied));
            done += (ulong)copied;
        }

        return new MemoryReadResult((long)done, Errno.None);
    }
}
