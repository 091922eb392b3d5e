using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <content>Accesses by the CPU and by devices.</content>
public sealed partial class SimulatedMemory
{
    /// <inheritdoc/>
    public override Errno Load(ulong address, Span<byte> destination)
    {
        for (int done = 0; done < destination.Length;)
        {
            ulong at = address + (ulong)done;
            int count = Math.Min(destination.Length - done, PageBytes - (int)(at % PageBytes));
            Errno error = LoadFromPage(at, destination.Slice(done, count));
            if (error != Errno.None)
                return error;
            done += count;
        }

        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Store(ulong address, ReadOnlySpan<byte> source)
    {
        for (int done = 0; done < source.Length;)
        {
            ulong at = address + (ulong)done;
            int count = Math.Min(source.Length - done, PageBytes - (int)(at % PageBytes));
            Errno error = StoreToPage(at, source.Slice(done, count));
            if (error != Errno.None)
                return error;
            done += count;
        }

        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno ReadFrame(ulong frame, int offset, Span<byte> destination)
    {
        using (Machine.PageTableLock.Hold())
            return Frames.Read(frame, offset, destination);
    }

    /// <inheritdoc/>
    public override Errno WriteFrame(ulong frame, int offset, ReadOnlySpan<byte> source)
    {
        using (Machine.PageTableLock.Hold())
            return Frames.Write(frame, offset, source);
    }

    // Translation and copy are one step: on hardware, whoever changes the entry flushes the TLB before it goes on.
    private Errno LoadFromPage(ulong address, Span<byte> destination)
    {
        while (true)
        {
            using (Machine.PageTableLock.Hold())
            {
                if (_mappings.Covering(address) is not { } mapping || !mapping.Permits(Protection.Read))
                    return Errno.BadAddress;
                PageTableEntry entry = _pages.Get(address / PageBytes);
                if (entry.State is PageState.Present or PageState.Zero)
                    return Frames.Read(entry.Frame, (int)(address % PageBytes), destination);
            }

            Errno error = Fault(address, isWrite: false, owner: null, isDevice: false);
            if (error != Errno.None)
                return error;
        }
    }

    private Errno StoreToPage(ulong address, ReadOnlySpan<byte> source)
    {
        while (true)
        {
            using (Machine.PageTableLock.Hold())
            {
                if (_mappings.Covering(address) is not { } mapping || !mapping.Permits(Protection.Write))
                    return Errno.BadAddress;
                PageTableEntry entry = _pages.Get(address / PageBytes);
                if (entry.State == PageState.Present && entry.IsWritable)
                {
                    if (entry.IsLazilyFree)
                        _pages.At(address / PageBytes).IsLazilyFree = false;
                    return Frames.Write(entry.Frame, (int)(address % PageBytes), source);
                }
            }

            Errno error = Fault(address, isWrite: true, owner: null, isDevice: false);
            if (error != Errno.None)
                return error;
        }
    }
}
