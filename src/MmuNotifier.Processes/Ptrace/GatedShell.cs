using System.Collections;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>A shell that waits for a pipe to be closed, and then becomes the program.</summary>
/// <remarks>
/// <para>
/// A pipe, not SIGSTOP: when this process dies the kernel closes the pipe, so the program starts unwatched instead of being stopped
/// for good. There is also no stop or continue signal that could show in the program or in its parent's job control.
/// </para>
/// <para>
/// posix_spawn, not <c>Process.Start</c>: the runtime waits for its children with <c>waitpid</c>, which takes the ptrace stops of a traced
/// child, too, and takes them for its exit.
/// </para>
/// </remarks>
internal sealed unsafe class GatedShell : IDisposable
{
    /// <summary>The variable must not be one that the program's environment has.</summary>
    private const string Script = "read -r MMUNOTIFIER_GATE <&{0}; unset MMUNOTIFIER_GATE; exec \"$@\" {0}<&-";

    private const string DiscardingTail = " </dev/null >/dev/null 2>&1";

    private const int CloseOnExec = 0x80000;
    private const int GetDescriptorFlags = 1;
    private const int DescriptorClosesOnExec = 1;
    private const short SetDefaultSignalsAndMask = 4 | 8;
    private const int SignalPipe = 13;
    private const int SignalSetWords = 16;
    private const int FirstGate = 3, LastGate = 9;

    private readonly SafeFileHandle _gate;

    internal GatedShell(string path, IReadOnlyList<string> arguments, ProgramStreams streams)
    {
        int* ends = stackalloc int[2];
        Errno error = Syscall.Pipe(ends, CloseOnExec);
        if (error != Errno.None)
            throw new ProcessAttachException($"Cannot make a pipe to launch a program: {Marshal.GetPInvokeErrorMessage((int)error)}.");
        using SafeFileHandle readEnd = new(ends[0], ownsHandle: true);
        _gate = new SafeFileHandle(ends[1], ownsHandle: true);
        try
        {
            ProcessId = Spawn(path, arguments, ends[0], streams);
        }
        catch
        {
            _gate.Dispose();
            throw;
        }
    }

    internal int ProcessId { get; }

    /// <summary>Opens the gate: the shell executes the program.</summary>
    public void Dispose() => _gate.Dispose();

    private static int Spawn(string path, IReadOnlyList<string> arguments, int readEnd, ProgramStreams streams)
    {
        int gate = FreeGate();
        string tail = streams == ProgramStreams.Discarded ? DiscardingTail : "";
        string digit = gate.ToString(System.Globalization.CultureInfo.InvariantCulture);
        string script = Script.Replace("{0}", digit, StringComparison.Ordinal) + tail;
        using StringVector vector = new(["sh", "-c", script, "sh", path, .. arguments]);
        using StringVector environment = new(CurrentEnvironment());
        byte* actions = stackalloc byte[Syscall.SpawnStructureSize];
        byte* attributes = stackalloc byte[Syscall.SpawnStructureSize];
        _ = Syscall.SpawnFileActionsInit(actions);
        _ = Syscall.SpawnAttributesInit(attributes);
        _ = Syscall.SpawnFileActionsDuplicate(actions, readEnd, gate);
        if (streams == ProgramStreams.OutputToError)
            _ = Syscall.SpawnFileActionsDuplicate(actions, 2, 1);
        ResetSignals(attributes);
        int processId;
        Errno error = Syscall.Spawn(&processId, "/bin/sh", actions, attributes, vector.Pointer, environment.Pointer);
        _ = Syscall.SpawnFileActionsDestroy(actions);
        _ = Syscall.SpawnAttributesDestroy(attributes);
        return error == Errno.None
            ? processId
            : throw new ProcessAttachException($"Cannot launch {path} through /bin/sh: {Marshal.GetPInvokeErrorMessage((int)error)}.");
    }

    /// <summary>The runtime ignores SIGPIPE, which a program would inherit; and its threads' signal masks are its own affair.</summary>
    private static void ResetSignals(byte* attributes)
    {
        ulong* signals = stackalloc ulong[SignalSetWords];
        new Span<ulong>(signals, SignalSetWords).Clear();
        _ = Syscall.SpawnAttributesSetMask(attributes, signals);
        signals[0] = 1UL << (SignalPipe - 1);
        _ = Syscall.SpawnAttributesSetDefaultSignals(attributes, signals);
        _ = Syscall.SpawnAttributesSetFlags(attributes, SetDefaultSignalsAndMask);
    }

    /// <summary>A one-digit descriptor (a shell knows no others) that the program does not inherit something else on.</summary>
    private static int FreeGate()
    {
        for (int descriptor = LastGate; descriptor >= FirstGate; descriptor--)
        {
            int flags = Syscall.SpawnDescriptorFlags(descriptor, GetDescriptorFlags, 0);
            if (flags == -1 || (flags & DescriptorClosesOnExec) != 0)
                return descriptor;
        }

        throw new ProcessAttachException("Cannot launch a program: descriptors 3 to 9 are all in use for it; close one.");
    }

    private static List<string> CurrentEnvironment()
    {
        List<string> variables = [];
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
            variables.Add($"{entry.Key}={entry.Value}");
        return variables;
    }
}
