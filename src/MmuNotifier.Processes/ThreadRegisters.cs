using System.Buffers.Binary;

namespace MmuNotifier.Processes;

/// <summary>
/// The registers of a stopped thread (x86-64), in the layout of the kernel's register sets, as a core file has them. A copy: it stays valid
/// when the thread runs again.
/// </summary>
/// <remarks>Immutable; usable from any thread.</remarks>
public sealed class ThreadRegisters
{
    internal ThreadRegisters(
        int threadId,
        ReadOnlyMemory<byte> general,
        ReadOnlyMemory<byte> floatingPoint,
        ReadOnlyMemory<byte> extendedState,
        ReadOnlyMemory<byte> signalInformation,
        int signal,
        ulong blocked)
    {
        ThreadId = threadId;
        General = general;
        FloatingPoint = floatingPoint;
        ExtendedState = extendedState;
        SignalInformation = signalInformation;
        Signal = signal;
        BlockedSignals = blocked;
    }

    /// <summary>The kernel's number of the thread. That of the main thread is the number of the process.</summary>
    public int ThreadId { get; }

    /// <summary>The address of the instruction that the thread executes next (<c>rip</c>).</summary>
    public ulong InstructionPointer => this[GeneralRegister.Rip];

    /// <summary>The top of its stack (<c>rsp</c>).</summary>
    public ulong StackPointer => this[GeneralRegister.Rsp];

    /// <summary>The general registers: <c>struct user_regs_struct</c>, 216 bytes (<c>NT_PRSTATUS</c>).</summary>
    public ReadOnlyMemory<byte> General { get; }

    /// <summary>
    /// The floating-point registers: <c>struct user_fpregs_struct</c> (<c>NT_PRFPREG</c>); empty if the kernel gave none.
    /// </summary>
    public ReadOnlyMemory<byte> FloatingPoint { get; }

    /// <summary>
    /// The extended state, vector registers among it, in the standard form of <c>XSAVE</c> (<c>NT_X86_XSTATE</c>); empty if the kernel gave
    /// none.
    /// </summary>
    public ReadOnlyMemory<byte> ExtendedState { get; }

    /// <summary>The <c>siginfo_t</c> of the stop; empty if the kernel gave none.</summary>
    public ReadOnlyMemory<byte> SignalInformation { get; }

    /// <summary>The signal that the thread was about to take when it was stopped, and takes when it runs again; 0 if none.</summary>
    public int Signal { get; }

    /// <summary>The signal mask: bit n is set if signal n + 1 is blocked.</summary>
    public ulong BlockedSignals { get; }

    /// <summary>The content of a general register.</summary>
    /// <param name="register">Which one.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such register.</exception>
    public ulong this[GeneralRegister register] => Enum.IsDefined(register)
        ? BinaryPrimitives.ReadUInt64LittleEndian(General.Span[((int)register * sizeof(ulong))..])
        : throw new ArgumentOutOfRangeException(nameof(register));
}
