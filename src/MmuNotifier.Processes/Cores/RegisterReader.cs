using static MmuNotifier.Linux.PtraceConstants;

namespace MmuNotifier.Processes;

/// <summary>Reads what a core holds of the threads of a stopped process; on the tracer's thread.</summary>
internal static class RegisterReader
{
    /// <summary>The largest register set is some 11 KiB long, with the tiles of AMX.</summary>
    private const int RoomBytes = 64 * 1024;

    /// <summary>
    /// The main thread first; then by number, which is the order in which they were made, mostly. None if one was killed since it stopped:
    /// so was the whole process.
    /// </summary>
    internal static List<ThreadRegisters> Read(StoppedProcess process)
    {
        byte[] room = new byte[RoomBytes];
        var threads = new List<ThreadRegisters>();
        foreach (Tracee tracee in process.Tracees.OrderBy(tracee => tracee.ThreadId))
        {
            try
            {
                threads.Add(Read(tracee, room));
            }
            catch (TraceeGoneException)
            {
                return [];
            }
        }

        int main = threads.FindIndex(thread => thread.ThreadId == process.ProcessId);
        if (main > 0)
        {
            threads.Insert(0, threads[main]);
            threads.RemoveAt(main + 1);
        }

        return threads;
    }

    private static ThreadRegisters Read(Tracee tracee, byte[] room) => new(
        tracee.ThreadId,
        tracee.GetRegisterSet(NoteStatus, room),
        tracee.GetRegisterSet(NoteFloatingPoint, room),
        ExtendedStateLayout.Expected(tracee.GetRegisterSet(NoteXState, room)),
        tracee.GetSignalInformation(),
        tracee.Stop.Signal,
        tracee.GetSignalMask());
}
