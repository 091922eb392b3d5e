namespace MmuNotifier.Linux;

/// <content>What answers a fault.</content>
internal sealed unsafe partial class UserfaultfdDescriptor
{
    private const ulong RegisterMissing = 1;

    /// <summary>
    /// As <see cref="Register"/>, and touches of pages that are not there wait until <see cref="Copy"/> or <see cref="ZeroPages"/> brings
    /// them. Anonymous memory, shared memory and hugetlb only. May follow a registration without it.
    /// </summary>
    internal UserfaultfdResult RegisterWithMissing(ulong start, ulong last)
    {
        var argument = new UffdioRegister { Range = RangeOf(start, last), Mode = RegisterWriteProtect | RegisterMissing };
        return NoMemoryOrGone(UserfaultfdResult.From(Syscall.Ioctl(_handle, UffdioRegister.Request, &argument)));
    }

    /// <summary>
    /// Brings missing pages with this content and releases the threads that wait for them. <see cref="Errno.Exists"/>: a page is there
    /// already; Again: an event waits to be read.
    /// </summary>
    internal UserfaultfdResult Copy(ulong start, ulong last, void* source)
    {
        var argument = new UffdioCopy { Destination = start, Source = (ulong)source, LengthBytes = last - start + 1 };
        return UserfaultfdResult.From(Syscall.Ioctl(_handle, UffdioCopy.Request, &argument));
    }

    /// <summary>Marks missing pages as lost: a thread that touches one gets SIGBUS.</summary>
    internal UserfaultfdResult Poison(ulong start, ulong last)
    {
        var argument = new UffdioPoison { Range = RangeOf(start, last) };
        return UserfaultfdResult.From(Syscall.Ioctl(_handle, UffdioPoison.Request, &argument));
    }

    /// <summary>Brings missing pages of zeros, as <see cref="Copy"/> does.</summary>
    internal UserfaultfdResult ZeroPages(ulong start, ulong last)
    {
        var argument = new UffdioZeroPage { Range = RangeOf(start, last) };
        return UserfaultfdResult.From(Syscall.Ioctl(_handle, UffdioZeroPage.Request, &argument));
    }
}
