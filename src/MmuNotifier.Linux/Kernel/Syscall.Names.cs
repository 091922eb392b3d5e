namespace MmuNotifier.Linux;

/// <content>The names of calls that the kernel distinguishes only by a number. For <see cref="FaultInjection"/>.</content>
internal static partial class Syscall
{
    private static string NameOf(nint number) => number switch
    {
        UserfaultfdNumber => "userfaultfd",
        OpenProcessDescriptorNumber => "pidfd_open",
        CopyDescriptorNumber => "pidfd_getfd",
        SendSignalNumber => "pidfd_send_signal",
        KcmpNumber => "kcmp",
        FutexNumber => "futex",
        WaitForProcessNumber => "wait4",
        TgkillNumber => "tgkill",
        _ => "syscall",
    };

    private static string NameOfIoctl(nuint request) => request switch
    {
        UffdioApi.Request => "UFFDIO_API",
        UffdioRegister.Request => "UFFDIO_REGISTER",
        UffdioRange.UnregisterRequest => "UFFDIO_UNREGISTER",
        UffdioRange.WakeRequest => "UFFDIO_WAKE",
        UffdioCopy.Request => "UFFDIO_COPY",
        UffdioZeroPage.Request => "UFFDIO_ZEROPAGE",
        UffdioWriteProtect.Request => "UFFDIO_WRITEPROTECT",
        UffdioContinueRequest => "UFFDIO_CONTINUE",
        UffdioPoison.Request => "UFFDIO_POISON",
        PageMapScanArgument.Request => "PAGEMAP_SCAN",
        ProcMapQueryArgument.Request => "PROCMAP_QUERY",
        PerfSetOutput or PerfDisable => "PERF_EVENT_IOC",
        _ => "ioctl",
    };

    private static string NameOfPtrace(nint request) => request switch
    {
        PtraceConstants.Cont => "PTRACE_CONT",
        PtraceConstants.GetRegs => "PTRACE_GETREGS",
        PtraceConstants.SetRegs => "PTRACE_SETREGS",
        PtraceConstants.Detach => "PTRACE_DETACH",
        PtraceConstants.ContinueToSyscall => "PTRACE_SYSCALL",
        PtraceConstants.SetOptions => "PTRACE_SETOPTIONS",
        PtraceConstants.GetSigInfo => "PTRACE_GETSIGINFO",
        PtraceConstants.GetRegSet => "PTRACE_GETREGSET",
        PtraceConstants.Seize => "PTRACE_SEIZE",
        PtraceConstants.Interrupt => "PTRACE_INTERRUPT",
        PtraceConstants.GetSigMask => "PTRACE_GETSIGMASK",
        PtraceConstants.SetSigMask => "PTRACE_SETSIGMASK",
        PtraceConstants.GetSyscallInfo => "PTRACE_GET_SYSCALL_INFO",
        PtraceConstants.GetRseqConfiguration => "PTRACE_GET_RSEQ_CONFIGURATION",
        PtraceConstants.GetDispatchConfiguration => "PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG",
        _ => "ptrace",
    };
}
