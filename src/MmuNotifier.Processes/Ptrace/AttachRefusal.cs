using System.Globalization;
using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>What makes attaching impossible, found out before anything is changed in the process.</summary>
internal static class AttachRefusal
{
    private const int CapabilityPtrace = 19;

    /// <summary>Throws when the process cannot be attached to.</summary>
    /// <remarks>
    /// A child of this process is a special case: the runtime calls waitpid for the children it knows, and waitpid reports the stops of
    /// a traced child, too. Seen: Process.HasExited was true, with exit code 0, of a program that ran on.
    /// </remarks>
    internal static void Check(int processId)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            throw Refuse($"Attaching to a process works on x86-64 only, and this is {RuntimeInformation.ProcessArchitecture}: run this on "
                + "an x86-64 machine.");
        if (processId == Environment.ProcessId)
            throw Refuse(
                $"Process {processId} is this process itself, which cannot stop and inspect itself: run this in a second process.");
        ProcessStatus status = (processId > 0 ? ProcessStatus.ReadWithoutStart(processId) : null) ?? throw NoSuchProcess(processId);
        string name = $"Process {processId} ({status.Name})";
        if (status.ProcessId != processId)
            throw Refuse($"{processId} ({status.Name}) is a thread of process {status.ProcessId}: attach to {status.ProcessId}.");
        if (status.IsKernelThread)
            throw Refuse($"{name} is a thread of the kernel and has no memory of its own: choose an ordinary process.");
        int liveThread = LiveThread.Find(processId);
        if (liveThread == 0)
            throw Refuse($"{name} has ended already and only waits for its parent to notice: start the program again.");
        if (status.TracerId != 0)
            throw Refuse(TracedMessage(name, status.TracerId));
        if (status.ParentId == Environment.ProcessId && !LaunchedProgram.IsLaunched(processId))
            throw Refuse($"{name} was started by this process through System.Diagnostics.Process, which would take its stops for its end: "
                + "launch it through this library, or attach from another process.");
        if (Is32Bit($"/proc/{liveThread}/exe"))
            throw Refuse($"{name} is a 32-bit program, and only 64-bit programs can be attached to: use a 64-bit build of it.");
        if (ProcessStatus.ReadThread(processId, liveThread) is { HasShadowStack: true })
            throw Refuse($"{name} runs with a shadow stack (CET), which a call made from outside would violate: start it with "
                + "GLIBC_TUNABLES=glibc.cpu.x86_shstk=off.");
        if (FrozenCgroup.Describe(processId) is { } frozen)
            throw Refuse(frozen);
    }

    internal static ProcessAttachException NoSuchProcess(int processId) =>
        Refuse($"There is no process {processId}: look for the right number with ps or pgrep.");

    /// <summary>Says why the kernel refused to let this process trace that one.</summary>
    /// <param name="processId">The process.</param>
    /// <param name="tracerId">Who traces the thread that was asked for, as far as the caller knows.</param>
    internal static ProcessAttachException NotPermitted(int processId, int tracerId = 0)
    {
        ProcessStatus? target = ProcessStatus.ReadWithoutStart(processId);
        if (target is null)
            return NoSuchProcess(processId);
        ProcessStatus own = ProcessStatus.ReadWithoutStart(Environment.ProcessId)!;
        string name = $"Process {processId} ({target.Name})";
        bool mayTraceAll = (own.EffectiveCapabilities >> CapabilityPtrace & 1) != 0;
        if (tracerId != 0 || target.TracerId != 0)
            return Refuse(TracedMessage(name, tracerId != 0 ? tracerId : target.TracerId));
        int scope = YamaScope();
        if (scope >= 3)
            return Refuse($"{name} cannot be attached to: /proc/sys/kernel/yama/ptrace_scope is {scope}, which forbids it to all until "
                + "the next boot.");
        if (mayTraceAll)
            return Refuse($"{name} may not be attached to although this process has CAP_SYS_PTRACE: a security module or a user namespace "
                + "forbids it; run this in the target's own container.");
        if (target.RealUserId != own.RealUserId)
            return Refuse($"{name} belongs to user {target.RealUserId} and this process runs as user {own.RealUserId}: run this as root, "
                + "with CAP_SYS_PTRACE, or as that user.");
        if (scope > 0)
            return Refuse($"{name} may not be attached to: /proc/sys/kernel/yama/ptrace_scope is {scope}; run this as root or with "
                + "CAP_SYS_PTRACE, launch the program through this tool, or set ptrace_scope to 0.");
        return Refuse($"{name} may not be attached to: it is not dumpable or has more privileges than this process (setuid, "
            + "capabilities); run this as root or with CAP_SYS_PTRACE.");
    }

    private static ProcessAttachException Refuse(string message) => new(message);

    /// <summary>The kernel names the thread that traces; people look for its process.</summary>
    private static string TracedMessage(string name, int tracerId)
    {
        int tracerProcessId = ProcessStatus.ReadWithoutStart(tracerId)?.ProcessId ?? tracerId;
        string tracerName = ProcessStatus.ReadWithoutStart(tracerProcessId)?.Name ?? "?";
        return $"{name} is being traced by process {tracerProcessId} ({tracerName}) already, and the kernel allows one tracer: end that "
            + "one first.";
    }

    private static int YamaScope()
    {
        try
        {
            return int.Parse(Syscall.ReadText("/proc/sys/kernel/yama/ptrace_scope"), CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>Asks the class byte of the program's ELF file. Not readable means "not known": the registers show it later.</summary>
    internal static bool Is32Bit(string program)
    {
        try
        {
            using FileStream file = File.OpenRead(program);
            Span<byte> head = stackalloc byte[5];
            return file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length
                && head[..4].SequenceEqual("\u007fELF"u8) && head[4] == 1;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
