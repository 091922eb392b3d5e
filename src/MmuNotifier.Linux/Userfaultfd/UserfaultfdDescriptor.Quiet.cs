namespace MmuNotifier.Linux;

/// <content>Whether a change is under way whose event has not been read.</content>
internal sealed unsafe partial class UserfaultfdDescriptor
{
    /// <summary>
    /// Whether a change of any watched memory is under way whose event has not been read, or whose caller has not returned since. True also
    /// where the kernel gives an answer that is not foreseen. The kernel counts such changes under the lock of the address space, before
    /// they have their effect: a thread that has seen the effect sees the count.
    /// </summary>
    /// <remarks>
    /// UFFDIO_CONTINUE of an empty range. The kernel looks at the count first (EAGAIN); then it refuses the range (EINVAL), before it takes
    /// a lock or looks at a mapping. Where another call answers <see cref="UserfaultfdStatus.NotRegistered"/>, ask this before taking the
    /// mapping for gone: that call looks the mapping up before it looks for changes (mfill_atomic since Linux 6.9), so a mapping that has
    /// just moved looks as if it had gone.
    /// </remarks>
    internal bool IsChangePending()
    {
        // Without an initialiser: the code for that allocates, in a Debug build.
        ulong* argument = stackalloc ulong[4];
        argument[0] = 0;
        argument[1] = 0;
        return Syscall.ErrorOf(Syscall.Ioctl(_handle, Syscall.UffdioContinueRequest, argument)) != Errno.InvalidArgument;
    }
}
