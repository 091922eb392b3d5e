using System.Buffers.Text;
using System.Text;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// What /proc/pid/status and /proc/pid/stat say about a process. The start time, in clock ticks since the machine started, distinguishes a
/// process from a later one with the same number.
/// </summary>
internal sealed record ProcessStatus
{
    /// <summary>The process, also of a thread.</summary>
    internal required int ProcessId { get; init; }

    internal required string Name { get; init; }

    /// <summary>R, S, D, T, t, Z or X, as in ps.</summary>
    internal required char State { get; init; }

    internal required int ParentId { get; init; }

    internal required int TracerId { get; init; }

    internal required uint RealUserId { get; init; }

    internal required uint EffectiveUserId { get; init; }

    internal required ulong EffectiveCapabilities { get; init; }

    /// <summary>Whether it runs under a seccomp filter, or in strict mode.</summary>
    internal required bool IsFiltered { get; init; }

    internal required bool HasShadowStack { get; init; }

    /// <summary>A thread of the kernel has no memory of its own; kernels from 6.4 on also say so.</summary>
    internal required bool IsKernelThread { get; init; }

    internal required int Threads { get; init; }

    /// <summary>The number of the process in its innermost pid namespace.</summary>
    internal required int InnermostProcessId { get; init; }

    /// <summary>How many pid namespaces it is in, seen from here; more than one means a container.</summary>
    internal required int NamespaceDepth { get; init; }

    /// <summary>0 where only the status was read.</summary>
    internal ulong StartTimeTicks { get; private init; }

    internal bool IsDead => IsDeadState(State);

    /// <summary>Reads both files; null with the error (NoEntry, NoProcess: no such process).</summary>
    internal static ProcessStatus? Read(int processId, out Errno error)
    {
        // Both files must be of the same process: the number could be reused between them.
        for (int attempt = 0; attempt < 3; attempt++)
        {
            ulong before = ReadStartTime(processId, out error);
            if (error != Errno.None)
                return null;
            ProcessStatus? status = ReadFile($"/proc/{processId}/status", out error);
            if (status is null)
                return null;
            if (ReadStartTime(processId, out error) == before && error == Errno.None)
                return status with { StartTimeTicks = before };
        }

        error = Errno.NoProcess;
        return null;
    }

    /// <summary>The status without the start time, of a process or a thread; null when there is none of that number any more.</summary>
    internal static ProcessStatus? ReadWithoutStart(int processId) => ReadFile($"/proc/{processId}/status", out _);

    /// <summary>The same of a thread of that process.</summary>
    internal static ProcessStatus? ReadThread(int processId, int threadId) => ReadFile($"/proc/{processId}/task/{threadId}/status", out _);

    /// <summary>The start time alone.</summary>
    internal static ulong ReadStartTime(int processId, out Errno error) =>
        ProcFile.Parse($"/proc/{processId}/stat", ParseStartTime, out error);

    /// <summary>An address in the main stack of a thread's process; 0 when the process is gone, or may not be looked into.</summary>
    internal static ulong ReadMainStackAddress(int threadId) =>
        ProcFile.Parse($"/proc/{threadId}/stat", stat => ParseStatField(stat, 28), out _);

    internal static ulong ParseStartTime(ReadOnlySpan<byte> stat) => ParseStatField(stat, 22);

    /// <param name="stat">The text of /proc/pid/stat.</param>
    /// <param name="field">As numbered in proc_pid_stat(5): 4 or more.</param>
    private static ulong ParseStatField(ReadOnlySpan<byte> stat, int field)
    {
        // The command stands in parentheses and may contain anything, parentheses too; the state behind it is field 3.
        ReadOnlySpan<byte> rest = stat[(stat.LastIndexOf((byte)')') + 2)..];
        for (int passed = 3; passed < field; passed++)
            rest = rest[(rest.IndexOf((byte)' ') + 1)..];
        return Utf8Parser.TryParse(rest, out ulong value, out _) ? value : 0;
    }

    /// <summary>Null for a text without a state: the process has gone.</summary>
    internal static ProcessStatus? ParseStatus(ReadOnlySpan<byte> text)
    {
        var status = new StatusText(text);
        if (status.Field("State:"u8) is not [byte state, ..])
            return null;
        int depth = status.Field("NSpid:"u8).Count((byte)'\t') + 1;
        return new ProcessStatus
        {
            ProcessId = (int)status.Number("Tgid:"u8),
            Name = Encoding.UTF8.GetString(status.Field("Name:"u8)),
            State = (char)state,
            ParentId = (int)status.Number("PPid:"u8),
            TracerId = (int)status.Number("TracerPid:"u8),
            RealUserId = (uint)status.Number("Uid:"u8),
            EffectiveUserId = (uint)status.Number("Uid:"u8, 1),
            EffectiveCapabilities = Utf8Parser.TryParse(status.Field("CapEff:"u8), out ulong capabilities, out _, 'x') ? capabilities : 0,
            IsFiltered = status.Number("Seccomp:"u8) != 0,
            HasShadowStack = status.Field("x86_Thread_features:"u8).IndexOf("shstk"u8) >= 0,
            IsKernelThread = status.Field("Kthread:"u8) is [byte flag, ..]
                ? flag == '1'
                : !IsDeadState((char)state) && status.Field("VmSize:"u8).IsEmpty,
            Threads = (int)status.Number("Threads:"u8),
            InnermostProcessId = (int)status.Number("NSpid:"u8, depth - 1),
            NamespaceDepth = depth,
        };
    }

    private static bool IsDeadState(char state) => state is 'Z' or 'X' or 'x';

    private static ProcessStatus? ReadFile(string path, out Errno error)
    {
        ProcessStatus? status = ProcFile.Parse(path, ParseStatus, out error);
        if (status is null && error == Errno.None)
            error = Errno.NoProcess;
        return status;
    }
}
