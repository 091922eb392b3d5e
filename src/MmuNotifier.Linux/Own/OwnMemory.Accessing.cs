using Microsoft.Win32.SafeHandles;
using MmuNotifier.Hmm;
using MmuNotifier.Linux.Handler;
using MmuNotifier.Linux.Native;
using MmuNotifier.Linux.Taking;

namespace MmuNotifier.Linux.Own;

/// <content>
/// Accesses by the CPU and by devices: the kernel's copies between an address and a scratch file. They fault as a program's would, and
/// answer EFAULT instead of a signal.
/// </content>
public sealed unsafe partial class OwnMemory
{
    private const int ScratchBytes = 1 << 16;

    private readonly Lock _scratchLock = new();
    private readonly SafeFileHandle _scratch;

    /// <inheritdoc/>
    public override Errno Load(ulong address, Span<byte> destination)
    {
        fixed (byte* buffer = destination)
            return Touch((byte*)address, buffer, destination.Length, address);
    }

    /// <inheritdoc/>
    public override Errno Store(ulong address, ReadOnlySpan<byte> source)
    {
        fixed (byte* buffer = source)
            return Touch(buffer, (byte*)address, source.Length, address);
    }

    /// <inheritdoc/>
    public override Errno FaultIn(ulong address, bool isWrite, object? owner = null)
    {
        AddressRange page = RangeOfPage(address);
        Errno error = CheckMapping(page.Start, isWrite);
        if (error != Errno.None)
            return error;
        if (TryFindAway(page.Start, out TakenPage taken))
        {
            if (taken.State == TakenState.Private && owner is not null && taken.Memory!.Owner == owner && !taken.Memory.IsRevoked(taken.Frame))
                return Errno.None;
            using (_mappingLock.Hold())
                ReturnRange(page);
        }

        error = Advise(page.Start, PageBytes, isWrite ? Advice.PopulateWrite : Advice.PopulateRead);
        // EINVAL: the mapping was changed meanwhile and permits it no longer; ENOMEM: it has gone.
        return error == Errno.InvalidArgument ? Errno.BadAddress : error;
    }

    /// <inheritdoc/>
    public override Errno ReadFrame(ulong frame, int offset, Span<byte> destination)
    {
        fixed (byte* buffer = destination)
        {
            if (TryFindOfDevice(ref frame, out DeviceMemory? memory))
                return memory is null ? Errno.BadAddress : PageHandler.Access(memory, frame, memory.AddressOf(frame) + offset, buffer, destination.Length);
            ulong address = (frame * PageBytes) + (ulong)offset;
            return Transfer((byte*)address, buffer, destination.Length, address);
        }
    }

    /// <inheritdoc/>
    public override Errno WriteFrame(ulong frame, int offset, ReadOnlySpan<byte> source)
    {
        fixed (byte* buffer = source)
        {
            if (TryFindOfDevice(ref frame, out DeviceMemory? memory))
                return memory is null ? Errno.BadAddress : PageHandler.Access(memory, frame, buffer, memory.AddressOf(frame) + offset, source.Length);
            ulong address = (frame * PageBytes) + (ulong)offset;
            return Transfer(buffer, (byte*)address, source.Length, address);
        }
    }

    // False if the content is in this process: then the frame becomes the page's number.
    private bool TryFindOfDevice(ref ulong frame, out DeviceMemory? memory)
    {
        memory = null;
        if (frame < DeviceMemory.FirstDeviceFrame || TryFindResident(ref frame))
            return false;
        memory = DeviceMemory.Of(frame);
        return true;
    }

    private Errno CheckMapping(ulong address, bool isWrite)
    {
        if (!TryFindMapping(address, out Mapping mapping) || !mapping.Range.Contains(address) || (mapping.Protection & Protection.Read) == 0)
            return Errno.BadAddress;
        return isWrite && (mapping.Protection & Protection.Write) == 0 ? Errno.NotPermitted : Errno.None;
    }

    // A touch of the CPU through this object: when it is over, devices have been told of the pages that it took back.
    private Errno Touch(byte* from, byte* to, int length, ulong address)
    {
        bool takesBack = length > 0 && AnyAway(AddressRange.FromLength(address, (ulong)length));
        Errno error = Transfer(from, to, length, address);
        if (takesBack)
        {
            using (_mappingLock.Hold())
                Follow();
        }

        return error;
    }

    // Only what is mapped through this object is touched: in a hole the runtime may have put memory of its own meanwhile. Under the lock that changes of
    // the mappings take too, so that none comes between the check and the copy.
    private Errno Transfer(byte* from, byte* to, int length, ulong address)
    {
        for (int done = 0; done < length;)
        {
            lock (_scratchLock)
            {
                int count = OwnBytes(address + (ulong)done, Math.Min(length - done, ScratchBytes));
                if (count == 0)
                    return Errno.BadAddress;
                long copied = Syscall.WriteAt(_scratch, from + done, (nuint)count, 0);
                if (copied <= 0)
                    return Syscall.ErrorOf(copied);

                // A write fault in the middle leaves the bytes before it written; the next round begins at it.
                copied = Syscall.ReadAt(_scratch, to + done, (nuint)copied, 0);
                if (copied <= 0)
                    return Syscall.ErrorOf(copied);
                done += (int)copied;
            }
        }

        return Errno.None;
    }

    /// <summary>How many of the bytes from an address on lie in mappings made here, without a hole.</summary>
    private int OwnBytes(ulong address, int wanted)
    {
        lock (_listLock)
        {
            ulong next = address;
            while (next - address < (ulong)wanted && _mapped.TryFind(next, out AddressRange range) && range.Contains(next))
                next = range.Last + 1;
            return (int)Math.Min((ulong)wanted, next - address);
        }
    }
}
