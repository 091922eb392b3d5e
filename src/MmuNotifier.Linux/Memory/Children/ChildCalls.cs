using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Linux;

/// <summary>The calls of a child. It has no descriptor of this process open but the scratch file.</summary>
internal sealed class ChildCalls : IMemoryCalls
{
    private const int MapNumber = 9;
    private const int ProtectNumber = 10;
    private const int UnmapNumber = 11;
    private const int RemapNumber = 25;
    private const int AdviseNumber = 28;
    private const int ReadAtNumber = 17;
    private const int WriteAtNumber = 18;
    private const int CloseNumber = 3;
    private const int CloseRangeNumber = 436;

    private readonly SystemCallChild _child;
    private readonly ulong _scratch;

    private ChildCalls(SystemCallChild child, ulong scratch)
    {
        _child = child;
        _scratch = scratch;
    }

    public int ProcessId => _child.ProcessId;

    /// <summary>Prepares a child, if there is one; null with the error.</summary>
    internal static ChildCalls? Begin(SystemCallChild? child, SafeFileHandle scratch, ref Errno error)
    {
        if (child is null)
            return null;

        // All that it inherited is closed: the other ends of this process's pipes and sockets must not wait for the child.
        long result = child.Call(CloseRangeNumber, 0, uint.MaxValue);
        if (result >= 0)
            result = child.Open(scratch);
        error = Syscall.ErrorOf(result);
        if (error == Errno.None)
            return new ChildCalls(child, (ulong)result);
        child.Dispose();
        return null;
    }

    public long Map(ulong address, ulong length, int protection, int flags, SafeFileHandle? file, ulong offset)
    {
        if (file is null)
            return _child.Call(MapNumber, address, length, (ulong)protection, (ulong)flags, ulong.MaxValue, offset);
        long descriptor = _child.Open(file);
        if (descriptor < 0)
            return descriptor;
        long mapped = _child.Call(MapNumber, address, length, (ulong)protection, (ulong)flags, (ulong)descriptor, offset);
        _child.Call(CloseNumber, (ulong)descriptor);
        return mapped;
    }

    public Errno Unmap(ulong address, ulong length) => Syscall.ErrorOf(_child.Call(UnmapNumber, address, length));

    public long Remap(ulong address, ulong length, ulong newLength, int flags, ulong newAddress) =>
        _child.Call(RemapNumber, address, length, newLength, (ulong)flags, newAddress);

    public Errno Protect(ulong address, ulong length, int protection) =>
        Syscall.ErrorOf(_child.Call(ProtectNumber, address, length, (ulong)protection));

    public Errno Advise(ulong address, ulong length, int advice) =>
        Syscall.ErrorOf(_child.Call(AdviseNumber, address, length, (ulong)advice));

    public long CopyToScratch(ulong address, int length) => _child.Call(WriteAtNumber, _scratch, address, (ulong)length);

    public long CopyFromScratch(ulong address, int length) => _child.Call(ReadAtNumber, _scratch, address, (ulong)length);

    public IMemoryCalls? Fork(SafeFileHandle scratch, out Errno error) => Begin(_child.Fork(out error), scratch, ref error);

    public void Dispose() => _child.Dispose();
}
