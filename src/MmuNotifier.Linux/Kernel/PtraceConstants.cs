namespace MmuNotifier.Linux;

/// <summary>Numbers of <c>ptrace(2)</c> and <c>waitid(2)</c> that are used here.</summary>
internal static class PtraceConstants
{
    internal const int Cont = 7, GetRegs = 12, SetRegs = 13, Detach = 17, ContinueToSyscall = 24;
    internal const int SetOptions = 0x4200, GetSigInfo = 0x4202, GetRegSet = 0x4204, Seize = 0x4206, Interrupt = 0x4207;
    internal const int GetSigMask = 0x420a, SetSigMask = 0x420b, GetSyscallInfo = 0x420e;
    internal const int GetRseqConfiguration = 0x420f, GetDispatchConfiguration = 0x4211;

    internal const int OptionSysGood = 1, OptionTraceExec = 1 << 4, OptionExitKill = 1 << 20, OptionSuspendSeccomp = 1 << 21;
    internal const int EventExec = 4, EventStop = 128;
    internal const int NoteStatus = 1, NoteFloatingPoint = 2, NoteXState = 0x202;

    internal const int IdTypePid = 1;
    internal const int WaitNoHang = 1, WaitStopped = 2, WaitExited = 4, WaitNoWait = 0x01000000, WaitAll = 0x40000000;
    internal const int CodeExited = 1, CodeKilled = 2, CodeDumped = 3;

    internal const int SignalKill = 9, SignalTrap = 5, SignalStop = 19;
}
