using System.Runtime.InteropServices;

namespace MmuNotifier.Linux;

/// <summary>The part of <c>siginfo_t</c> that <c>waitid</c> fills in.</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct PtraceSigInfo
{
    [FieldOffset(8)] internal int Code;
    [FieldOffset(16)] internal int ProcessId;

    /// <summary>An exit code, a signal, or for a ptrace stop <c>signal | event &lt;&lt; 8</c>.</summary>
    [FieldOffset(24)] internal int Status;
}

/// <summary><c>struct user_regs_struct</c> of x86-64.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PtraceRegisters
{
    internal ulong R15, R14, R13, R12, Rbp, Rbx, R11, R10, R9, R8, Rax, Rcx, Rdx, Rsi, Rdi;

    /// <summary>The number of the system call the thread is in, or -1.</summary>
    internal ulong OriginalRax;

    internal ulong Rip, Cs, Flags, Rsp, Ss, FsBase, GsBase, Ds, Es, Fs, Gs;
}

/// <summary><c>struct ptrace_syscall_info</c>, as far as it is used here.</summary>
[StructLayout(LayoutKind.Explicit, Size = 88)]
internal struct PtraceSyscallInfo
{
    /// <summary>0 no system call stop, 1 entry, 2 exit.</summary>
    [FieldOffset(0)] internal byte Operation;

    [FieldOffset(24)] internal long EntryNumberOrExitValue;
}

/// <summary><c>struct ptrace_rseq_configuration</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PtraceRseqConfiguration
{
    internal ulong Area;
    internal uint Size, Signature, Flags, Padding;
}

/// <summary><c>struct ptrace_sud_config</c>: system calls handed back to the program as a signal, as wine does.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PtraceDispatchConfiguration
{
    internal ulong Mode, Selector, Offset, Length;
}
