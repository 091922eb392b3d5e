using System.Buffers.Text;
using System.Globalization;
using MmuNotifier.Linux.Proc;

namespace MmuNotifier.Processes.Ptrace;

/// <summary>Three lines of a thread's status file, without strings for all the others: it is read while the process is stopped.</summary>
/// <param name="IsAsleep">Whether it waits and can be interrupted.</param>
/// <param name="IsFiltered">Whether it runs under a seccomp filter.</param>
/// <param name="VoluntarySwitches">How often it has gone to sleep; -1 if it is gone.</param>
internal readonly record struct ThreadStatus(bool IsAsleep, bool IsFiltered, long VoluntarySwitches)
{
    internal static ThreadStatus Read(int processId, int threadId) =>
        ProcFile.Parse(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/task/{threadId}/status"), Parse, out _);

    internal static ThreadStatus Parse(ReadOnlySpan<byte> text) => new(
        Field(text, "\nState:\t"u8).StartsWith("S"u8),
        Field(text, "\nSeccomp:\t"u8) is [not (byte)'0', ..],
        Utf8Parser.TryParse(Field(text, "\nvoluntary_ctxt_switches:\t"u8), out long switches, out _) ? switches : -1);

    private static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        int index = text.IndexOf(name);
        return index < 0 ? default : text[(index + name.Length)..];
    }
}
