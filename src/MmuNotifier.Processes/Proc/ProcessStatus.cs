using System.Buffers.Text;
using System.Text;
using MmuNotifier.Linux.Proc;

namespace MmuNotifier.Processes.Proc;

/// <summary>
/// What /proc/pid/status and /proc/pid/stat tell of a process. The start time, in clock ticks since the machine started, tells a
/// process from a later one with the same number.
/// </summary>
internal sealed record ProcessStatus
{
    internal required int ProcessId { get; init; }

    internal required string Command { get; init; }

    /// <summary>R, S, D, T, t, Z or X, as in ps.</summary>
    internal required char State { get; init; }

    internal required int ParentId { get; init; }

    internal required int TracerId { get; init; }

    internal required uint RealUserId { get; init; }

    internal required uint EffectiveUserId { get; init; }

    internal required int Threads { get; init; }

    /// <summary>The number of the process in its innermost pid namespace.</summary>
    internal required int InnermostProcessId { get; init; }

    /// <summary>How many pid namespaces it is in, seen from here; more than one means a container.</summary>
    internal required int NamespaceDepth { get; init; }

    internal required ulong StartTimeTicks { get; init; }

    internal bool IsZombie => State is 'Z' or 'X';

    /// <summary>Reads both files; null with the error (NoEntry, NoProcess: no such process).</summary>
    internal static ProcessStatus? Read(int processId, out Errno error)
    {
        // Both files must tell of the same process: the number could be reused between them.
        for (int attempt = 0; attempt < 3; attempt++)
        {
            ulong before = ReadStartTime(processId, out error);
            if (error != Errno.None)
                return null;
            ProcessStatus? status = ProcFile.Parse(
                $"/proc/{processId}/status", text => ParseStatus(processId, text), out error);
            if (status is null)
                return null;
            if (ReadStartTime(processId, out error) == before && error == Errno.None)
                return status with { StartTimeTicks = before };
        }

        error = Errno.NoProcess;
        return null;
    }

    /// <summary>The start time alone.</summary>
    internal static ulong ReadStartTime(int processId, out Errno error) =>
        ProcFile.Parse($"/proc/{processId}/stat", ParseStartTime, out error);

    internal static ulong ParseStartTime(ReadOnlySpan<byte> stat)
    {
        // The command stands in parentheses and may contain anything, parentheses too; the start time is field 22.
        ReadOnlySpan<byte> rest = stat[(stat.LastIndexOf((byte)')') + 2)..];
        for (int field = 3; field < 22; field++)
            rest = rest[(rest.IndexOf((byte)' ') + 1)..];
        return Utf8Parser.TryParse(rest, out ulong value, out _) ? value : 0;
    }

    internal static ProcessStatus ParseStatus(int processId, ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> namespaces = Field(text, "NSpid:"u8);
        return new ProcessStatus
        {
            ProcessId = processId,
            Command = Encoding.UTF8.GetString(Field(text, "Name:"u8)),
            State = (char)Field(text, "State:"u8)[0],
            ParentId = (int)Number(Field(text, "PPid:"u8), 0),
            TracerId = (int)Number(Field(text, "TracerPid:"u8), 0),
            RealUserId = (uint)Number(Field(text, "Uid:"u8), 0),
            EffectiveUserId = (uint)Number(Field(text, "Uid:"u8), 1),
            Threads = (int)Number(Field(text, "Threads:"u8), 0),
            InnermostProcessId = (int)Number(namespaces, namespaces.Count((byte)'\t')),
            NamespaceDepth = namespaces.Count((byte)'\t') + 1,
            StartTimeTicks = 0,
        };
    }

    private static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        while (!text.IsEmpty)
        {
            int length = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = length < 0 ? text : text[..length];
            if (line.StartsWith(name))
                return line[name.Length..].TrimStart((byte)'\t');
            text = length < 0 ? default : text[(length + 1)..];
        }

        return "?"u8;
    }

    private static long Number(ReadOnlySpan<byte> text, int index)
    {
        for (int i = 0; i < index; i++)
            text = text[(text.IndexOf((byte)'\t') + 1)..];
        return Utf8Parser.TryParse(text, out long value, out _) ? value : 0;
    }
}
