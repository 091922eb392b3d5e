using MmuNotifier.Linux.Native;

namespace MmuNotifier.Linux.Userfaultfd;

/// <content>Whether a change is under way whose event has not been read.</content>
internal sealed unsafe partial class UserfaultfdDescriptor
{
    /// <summary>
    /// Asks for something that no anonymous page can be given (UFFDIO_CONTINUE), and so changes nothing. A registered page answers
    /// <see cref="UserfaultfdStatus.NotWatchable"/>, or <see cref="UserfaultfdStatus.EventPending"/> while a change of <i>any</i> watched
    /// memory is under way whose event has not been read, or whose caller has not gone on since. The kernel counts those under the lock
    /// of the address space, before the change has its effect: who has seen the effect sees the count.
    /// </summary>
    internal UserfaultfdStatus ProbeChanges(ulong page)
    {
        // Without an initialiser: the code for that allocates, in a Debug build.
        ulong* argument = stackalloc ulong[4];
        argument[0] = page;
        argument[1] = PageSize.Bytes;
        return UserfaultfdResult.From(Syscall.Ioctl(_handle, ContinueRequest, argument)).Status;
    }

    private const nuint ContinueRequest = 0xC020AA07;
}
