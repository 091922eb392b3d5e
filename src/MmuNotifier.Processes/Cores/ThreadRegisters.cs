namespace MmuNotifier.Processes;

/// <summary>What a core holds of a stopped thread, in the layout of the kernel's register sets.</summary>
/// <param name="ThreadId">Its number.</param>
/// <param name="General">NT_PRSTATUS: <c>struct user_regs_struct</c>.</param>
/// <param name="FloatingPoint">NT_PRFPREG: <c>struct user_fpregs_struct</c>; empty if it could not be had.</param>
/// <param name="ExtendedState">NT_X86_XSTATE, without compaction; empty if it could not be had.</param>
/// <param name="SignalInformation">The <c>siginfo_t</c> of the stop.</param>
/// <param name="Signal">The signal that it was about to take; 0 if none.</param>
/// <param name="Blocked">Its signal mask.</param>
internal sealed record ThreadRegisters(
    int ThreadId,
    byte[] General,
    byte[] FloatingPoint,
    byte[] ExtendedState,
    byte[] SignalInformation,
    int Signal,
    ulong Blocked);
