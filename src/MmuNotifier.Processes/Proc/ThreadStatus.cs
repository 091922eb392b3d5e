using System.Buffers.Text;
using System.Globalization;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>Three lines of a thread's status file, without strings for all the others: it is read while the process is stopped.</summary>
/// <param name="IsAsleep">Whether it waits and can be interrupted.</param>
/// <param name="IsFiltered">Whether it runs under a seccomp filter.</param>
/// <param name="VoluntarySwitches">How often it has gone to sleep; -1 if it is gone.</param>
internal readonly record struct ThreadStatus(bool IsAsleep, bool IsFiltered, long VoluntarySwitches)
{
    internal static ThreadStatus Read(int processId, int threadId) =>
        ProcFile.Parse(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/task/{threadId}/status"), Parse, out _);

    internal static ThreadStatus Parse(ReadOnlySpan<byte> text)
    {
        var status = new StatusText(text);
        return new ThreadStatus(
            status.Field("State:"u8) is [(byte)'S', ..],
            status.Field("Seccomp:"u8) is [not (byte)'0', ..],
            Utf8Parser.TryParse(status.Field("voluntary_ctxt_switches:"u8), out long switches, out _) ? switches : -1);
    }
}
