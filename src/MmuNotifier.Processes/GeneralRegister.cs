namespace MmuNotifier.Processes;

/// <summary>The general registers of x86-64, in the order of <c>struct user_regs_struct</c>.</summary>
public enum GeneralRegister
{
    /// <summary><c>r15</c>.</summary>
    R15,

    /// <summary><c>r14</c>.</summary>
    R14,

    /// <summary><c>r13</c>.</summary>
    R13,

    /// <summary><c>r12</c>.</summary>
    R12,

    /// <summary><c>rbp</c>.</summary>
    Rbp,

    /// <summary><c>rbx</c>.</summary>
    Rbx,

    /// <summary><c>r11</c>.</summary>
    R11,

    /// <summary><c>r10</c>.</summary>
    R10,

    /// <summary><c>r9</c>.</summary>
    R9,

    /// <summary><c>r8</c>.</summary>
    R8,

    /// <summary><c>rax</c>.</summary>
    Rax,

    /// <summary><c>rcx</c>.</summary>
    Rcx,

    /// <summary><c>rdx</c>.</summary>
    Rdx,

    /// <summary><c>rsi</c>.</summary>
    Rsi,

    /// <summary><c>rdi</c>.</summary>
    Rdi,

    /// <summary>The number of the system call that the thread is in; -1 if it is in none.</summary>
    OriginalRax,

    /// <summary>The address of the next instruction.</summary>
    Rip,

    /// <summary><c>cs</c>.</summary>
    Cs,

    /// <summary><c>rflags</c>.</summary>
    Rflags,

    /// <summary>The stack pointer.</summary>
    Rsp,

    /// <summary><c>ss</c>.</summary>
    Ss,

    /// <summary>The base of <c>fs</c>: the thread's control block.</summary>
    FsBase,

    /// <summary>The base of <c>gs</c>.</summary>
    GsBase,

    /// <summary><c>ds</c>.</summary>
    Ds,

    /// <summary><c>es</c>.</summary>
    Es,

    /// <summary><c>fs</c>.</summary>
    Fs,

    /// <summary><c>gs</c>.</summary>
    Gs,
}
