namespace MmuNotifier.FaultInjection;

/// <summary>
/// The errors that the manual pages and the kernel's documentation give for each call, where they can come without a mistake of ours.
/// </summary>
internal static class DocumentedErrors
{
    private const int Perm =
        1, NoEntry = 2, NoProcess = 3, Interrupted = 4, InputOutput = 5, NoChild = 10, Again = 11, NoMemory = 12, Access = 13,
        Fault = 14, Busy =
            16, Exists = 17, Invalid = 22, TableFull = 23, TooManyOpen = 24, NoTerminal = 25, NoSpace = 28, Pipe = 32, NotImplemented = 38,
        Reset = 104, NotConnected = 107;

    private static readonly Dictionary<string, int[]> s_errors = new()
    {
        ["userfaultfd"] = [Perm, NoMemory, TooManyOpen, NotImplemented],
        ["pidfd_open"] = [NoProcess, NoMemory, TooManyOpen],
        ["pidfd_getfd"] = [Perm, NoProcess, TooManyOpen],
        ["pidfd_send_signal"] = [Perm, NoProcess],
        ["kcmp"] = [Perm, NoProcess, NotImplemented],
        ["futex"] = [Again],
        ["wait4"] = [NoChild, Interrupted],
        ["tgkill"] = [NoProcess, Again],
        ["UFFDIO_API"] = [Invalid, Perm],
        ["UFFDIO_REGISTER"] = [Invalid, Busy, NoMemory, Perm],
        ["UFFDIO_UNREGISTER"] = [Invalid, NoMemory],
        ["UFFDIO_WAKE"] = [Invalid],
        // Not NoEntry and NoProcess: the kernel answers them only when the mapping or the memory has gone, and its content is then
        // nobody's.
        ["UFFDIO_COPY"] = [Again, Exists, NoMemory],
        ["UFFDIO_POISON"] = [Again, Exists, NoMemory],
        ["UFFDIO_ZEROPAGE"] = [Again, Exists, NoEntry, NoMemory, NoProcess],
        ["UFFDIO_WRITEPROTECT"] = [Again, NoEntry, Fault, NoProcess],
        ["UFFDIO_CONTINUE"] = [Again, NoEntry, NoProcess],
        ["PAGEMAP_SCAN"] = [Interrupted, NoMemory, Fault, Perm, NoTerminal],
        ["PROCMAP_QUERY"] = [NoEntry, NoProcess, NoTerminal],
        ["PERF_EVENT_IOC"] = [Invalid],
        ["read"] = [Interrupted, Again, InputOutput, NoMemory, NoProcess, TooManyOpen],
        ["pread"] = [Interrupted, InputOutput, NoMemory, NoProcess],
        ["write"] = [Interrupted, Again, InputOutput],
        ["pwrite"] = [Interrupted, NoSpace, Fault],
        ["open"] = [NoEntry, NoProcess, Access, NoMemory, TooManyOpen],
        ["lseek"] = [Invalid],
        ["rename"] = [Access, NoSpace],
        ["unlink"] = [NoEntry],
        ["poll"] = [Interrupted, NoMemory],
        ["nanosleep"] = [Interrupted],
        ["process_vm_readv"] = [Perm, NoProcess, Fault, NoMemory],
        ["process_vm_writev"] = [Perm, NoProcess, Fault, NoMemory],
        ["statx"] = [NoEntry, Access, NoMemory],
        ["stat"] = [NoEntry],
        ["readlink"] = [NoEntry, Access],
        ["eventfd"] = [TooManyOpen, NoMemory],
        ["mmap"] = [NoMemory, Access],
        ["munmap"] = [NoMemory],
        ["shmget"] = [NoMemory, NoSpace],
        ["shmat"] = [NoMemory, Access],
        ["mremap"] = [NoMemory, Fault],
        ["mprotect"] = [NoMemory, Access],
        ["madvise"] = [Again, NoMemory, Invalid, InputOutput],
        ["memfd_create"] = [TooManyOpen, NoMemory],
        ["ftruncate"] = [Interrupted, InputOutput],
        ["fallocate"] = [Interrupted, NoSpace],
        ["perf_event_open"] = [Access, TooManyOpen, NoProcess],
        ["PTRACE_SEIZE"] = [Perm, NoProcess],
        ["PTRACE_GETREGSET"] = [NoProcess, InputOutput, Invalid],
        ["PTRACE_GET_RSEQ_CONFIGURATION"] = [NoProcess, InputOutput],
        ["PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG"] = [NoProcess, InputOutput],
        ["waitid"] = [Interrupted, NoChild],
        ["posix_spawn"] = [NoEntry, Again, NoMemory],
        ["pipe2"] = [TooManyOpen, TableFull],
        ["access"] = [Access, NoEntry],
        ["recvmsg"] = [Interrupted, Reset, NoMemory],
        ["send"] = [Interrupted, Pipe, NoMemory],
        ["shutdown"] = [NotConnected],
        ["getsockopt"] = [Invalid],
        ["setsockopt"] = [Invalid],
        ["io_uring_setup"] = [Perm, NoMemory, TooManyOpen],
        ["io_uring_enter"] = [Interrupted, Again, Busy],
        ["io_uring_register"] = [Interrupted, NoMemory, Fault, Busy],
        ["start thread"] = [Again],
        ["open file"] = [NoEntry, NoProcess, Access, TooManyOpen],
    };

    internal static int[] Of(string call) => s_errors.TryGetValue(call, out int[]? errors)
        ? errors
        : call.StartsWith("PTRACE_", StringComparison.Ordinal) ? [NoProcess] : throw new InvalidOperationException(
            $"No errors are known of {call}.");
}
