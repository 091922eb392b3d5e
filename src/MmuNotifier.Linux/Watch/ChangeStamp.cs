using System.Runtime.CompilerServices;
using MmuNotifier.FaultHandler;

namespace MmuNotifier.Linux;

/// <summary>
/// The words that move before a call that changes memory returns: the header of the event reader, and the heads of the rings that report
/// new mappings. Read by any thread at any time, also after the watch is disposed of: the memory goes when nobody can read it any more.
/// </summary>
/// <remarks>
/// Each word only grows, so equal sums read one after the other mean equal words. The rings are not mapped in a forked child; it
/// finds the header wiped, and looks no further.
/// The words alone miss R1 (see <see cref="LinuxMemoryWatch"/>): a munmap has had its effect, its event is not announced yet, and another
/// thread has put memory there by mremap, which moves no word. So the kernel is asked first whether such a change is under way. If it is
/// not, every change that has had its effect was announced before, and the sum, which is read after the answer, contains it.
/// </remarks>
internal sealed unsafe class ChangeStamp
{
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;
    private const int WipeOnFork = 18;

    private MappingRecords? _records;
    private ulong*[] _heads = [];
    private UserfaultfdDescriptor? _asked;
    private ulong _doubts;

    private ChangeStamp(EventHeader* header) => Header = header;

    ~ChangeStamp() => Syscall.Unmap((ulong)Header, PageSize.Bytes);

    internal EventHeader* Header { get; }

    /// <summary>Null with the error if there is no memory for it, or the kernel cannot wipe it on fork.</summary>
    internal static ChangeStamp? Create(out Errno error)
    {
        long address = Syscall.MapAnonymous(0, PageSize.Bytes, ReadWrite, PrivateAnonymous, 0);
        error = address < 0 ? Syscall.ErrorOf(address) : Syscall.Advise((ulong)address, PageSize.Bytes, WipeOnFork);
        if (error == Errno.None)
            return new ChangeStamp((EventHeader*)address);
        if (address >= 0)
            Syscall.Unmap((ulong)address, PageSize.Bytes);
        return null;
    }

    /// <summary>The records of new mappings count from here on. Before anybody reads the stamp.</summary>
    internal void Include(MappingRecords records)
    {
        _records = records;
        _heads = records.GetHeads();
    }

    /// <summary>Each read asks the kernel from here on. Before anybody reads the stamp.</summary>
    internal void Ask(UserfaultfdDescriptor userfaultfd) => _asked = userfaultfd;

    /// <summary>Whether each read asks the kernel.</summary>
    internal bool IsAsking => _asked is not null;

    /// <summary>
    /// 0 when the reader is not running. A value that comes once only while a change is under way that may not have been announced.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong Read()
    {
        if (Volatile.Read(ref Header->State) != EventHeader.Running)
            return 0;
        return _asked is not null && IsChangePending(_asked) ? ulong.MaxValue - Interlocked.Increment(ref _doubts) : Sum();
    }

    /// <summary>The same without the question.</summary>
    internal ulong ReadAnnounced() => Volatile.Read(ref Header->State) == EventHeader.Running ? Sum() : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Sum()
    {
        ulong sum = Volatile.Read(ref Header->Announced) + 1;
        foreach (ulong* head in _heads)
            sum += Volatile.Read(ref *head);
        GC.KeepAlive(this);
        return sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsChangePending(UserfaultfdDescriptor asked)
    {
        try
        {
            return asked.IsChangePending();
        }
        catch (ObjectDisposedException)
        {
            return true; // The watch was disposed of meanwhile.
        }
    }
}
