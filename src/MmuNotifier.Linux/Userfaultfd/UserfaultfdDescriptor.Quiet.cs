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
        return UserfaultfdResult.From(Syscall.Ioctl(_handle, Syscall.UffdioContinueRequest, argument)).Status;
    }

    /// <summary>
    /// Whether a change is under way whose event has not been read, or whose caller has not gone on since. Where a call answers
    /// <see cref="UserfaultfdStatus.NotRegistered"/>, ask this before taking the mapping for gone: the kernel looks the mapping up before it
    /// looks for changes (mfill_atomic since Linux 6.9), so a mapping that has just moved looks as if it had gone.
    /// </summary>
    internal bool IsChangePending() => ProbeChanges(ProbePage) == UserfaultfdStatus.EventPending;
}
