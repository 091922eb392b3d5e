using MmuNotifier.Linux.Native;
using MmuNotifier.Linux.Proc;

namespace MmuNotifier.Tool.Mirror;

/// <content>Comparison with the frozen target.</content>
internal sealed unsafe partial class ProcessMirror
{
    private const int MaxDifferencesKept = 16;

    private readonly ulong[] _comparedPages = new ulong[PagesPerFault];
    private readonly ulong[] _comparedAddresses = new ulong[PagesPerFault];
    private readonly int[] _comparedFrames = new int[PagesPerFault];

    /// <summary>Pages compared, all freezes together.</summary>
    internal long PagesCompared { get; private set; }

    /// <summary>Addresses of the first pages that differed, for the report.</summary>
    internal List<ulong> Differences { get; } = [];

    /// <summary>
    /// Compares every copy with the target's memory, byte for byte; only while it is frozen and after <see cref="CatchUp"/>. A page that
    /// changes under a frozen target is written by somebody else, and named as not mirrored.
    /// </summary>
    internal Comparison Compare()
    {
        var result = default(Comparison);
        ulong next = 0;
        while (true)
        {
            using (_device.Lock.Hold())
            {
                int count = _device.Table.CopyEntries(next, ulong.MaxValue >> PageTable.PageShift, _comparedPages, _comparedFrames);
                if (count == 0)
                {
                    PagesCompared += result.Compared;
                    return result;
                }

                CompareBatch(count, ref result);
                next = _comparedPages[count - 1] + 1;
            }
        }
    }

    private void CompareBatch(int count, ref Comparison result)
    {
        for (int i = 0; i < count; i++)
            _comparedAddresses[i] = _comparedPages[i] << PageTable.PageShift;
        fixed (byte* staging = _staging)
        {
            Errno error = ProcessMemory.ReadPages(Watch.MemoryId, _comparedAddresses.AsSpan(0, count), staging, _wasRead);
            if (error != Errno.None)
                throw new InvalidOperationException($"Reading the frozen process {Watch.ProcessId} failed with error {(int)error}.");
        }

        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> target = _staging.AsSpan(i * FrameStore.FrameBytes, FrameStore.FrameBytes);
            if (_wasRead[i] && target.SequenceEqual(_device.Bytes(_comparedFrames[i])))
                result.Compared++;
            else if (_wasRead[i] && ChangesWhileFrozen(_comparedAddresses[i], target))
                NameVolatile(_comparedAddresses[i]);
            else
                CountDifference(_comparedAddresses[i], ref result);
        }
    }

    private bool ChangesWhileFrozen(ulong address, ReadOnlySpan<byte> firstLook)
    {
        byte* again = stackalloc byte[FrameStore.FrameBytes];
        MemoryReadResult read = ProcessMemory.Read(Watch.MemoryId, address, address + (PageSize.Bytes - 1), again);
        return read.Bytes == FrameStore.FrameBytes && !firstLook.SequenceEqual(new ReadOnlySpan<byte>(again, FrameStore.FrameBytes));
    }

    private void NameVolatile(ulong address) => NotMirrored.Add(new MemoryNote(
        new AddressRange(address, address + (PageSize.Bytes - 1)),
        "",
        "written while the process was frozen: by the kernel (direct I/O) or by a process that shares it",
        1));

    private void CountDifference(ulong address, ref Comparison result)
    {
        result.Compared++;
        result.Differing++;
        if (Differences.Count < MaxDifferencesKept)
            Differences.Add(address);
    }
}
