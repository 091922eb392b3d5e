using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Linux;

/// <summary>The calls of this process itself.</summary>
internal sealed unsafe class OwnCalls(SafeFileHandle scratch) : IMemoryCalls
{
    public int ProcessId => Environment.ProcessId;

    public long Map(ulong address, ulong length, int protection, int flags, SafeFileHandle? file, ulong offset) => file is null
        ? Syscall.MapAnonymous(address, length, protection, flags, offset)
        : Syscall.MapFile(address, length, protection, flags, file, offset);

    public Errno Unmap(ulong address, ulong length) => Syscall.Unmap(address, length);

    public long Remap(ulong address, ulong length, ulong newLength, int flags, ulong newAddress) =>
        Syscall.Remap(address, length, newLength, flags, newAddress);

    public Errno Protect(ulong address, ulong length, int protection) => Syscall.Protect(address, length, protection);

    public Errno Advise(ulong address, ulong length, int advice) => Syscall.Advise(address, length, advice);

    public long CopyToScratch(ulong address, int length) => Syscall.WriteAt(scratch, (byte*)address, (nuint)length, 0);

    public long CopyFromScratch(ulong address, int length) => Syscall.ReadAt(scratch, (byte*)address, (nuint)length, 0);

    public IMemoryCalls? Fork(SafeFileHandle childScratch, out Errno error) =>
        ChildCalls.Begin(SystemCallChild.ForkThis(out error), childScratch, ref error);

    public void Dispose()
    {
    }
}
