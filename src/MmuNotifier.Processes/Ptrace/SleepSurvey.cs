using System.Globalization;
using System.Text;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// Which threads of a process sleep in a call that a stop would disturb: cut it short, lengthen its time limit, or make the program see
/// EINTR. A thread that is asleep changes no memory, so it need not be stopped; afterwards it can be proved that it slept all the time.
/// </summary>
/// <remarks>
/// The proof: /proc/PID/task/TID/syscall shows a call only while the thread is off its processor, and every sleep counts one more
/// voluntary switch. If both looks show the same call and the same count, the thread has not left this sleep in between.
/// </remarks>
internal sealed class SleepSurvey
{
    /// <summary>The call's number, six arguments, the stack pointer and the instruction pointer.</summary>
    private const int WordsOfCall = 9;

    private readonly int _processId;
    private readonly Dictionary<int, Sleep> _sleeps = [];

    private SleepSurvey(int processId) => _processId = processId;

    /// <summary>
    /// Takes it some milliseconds before the process is stopped. So a thread that has only just begun to sleep by then is stopped, and its
    /// call repeated; that lengthens a time limit by those milliseconds at most.
    /// </summary>
    internal static SleepSurvey Take(int processId)
    {
        SleepSurvey survey = new(processId);
        try
        {
            foreach (string path in Syscall.ListFolders($"/proc/{processId}/task"))
            {
                int threadId = int.Parse(Path.GetFileName(path.AsSpan()), CultureInfo.InvariantCulture);
                if (Look(processId, threadId) is { } sleep)
                    survey._sleeps.Add(threadId, sleep);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The process is gone. The thread that stops it finds out.
        }

        return survey;
    }

    /// <summary>Whether the thread is in the same sleep as when the survey was taken.</summary>
    internal bool IsStillAsleep(int threadId) =>
        _sleeps.TryGetValue(threadId, out Sleep sleep) && Look(_processId, threadId) == sleep;

    private static Sleep? Look(int processId, int threadId)
    {
        string folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/task/{threadId}");
        string? call = ProcFile.Parse(folder + "/syscall", Encoding.ASCII.GetString, out _);
        string[] words = call?.Split(' ') ?? [];
        if (words.Length != WordsOfCall || !int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return null; // It runs, waits for a page, or is gone.
        ThreadStatus status = ThreadStatus.Read(processId, threadId);
        bool isDisturbed = status.IsAsleep && (IsDisturbed(number, words) || (status.IsFiltered && IsContinuedByBlock(number)));
        return isDisturbed ? new Sleep(call!, status.VoluntarySwitches) : null;
    }

    private static bool IsDisturbed(int number, string[] words) => number switch
    {
        0 or 1 or 17 or 18 or 19 or 20 or 40 or 275 or 326 => true, // read, write and their kin, sendfile, splice, copy_file_range
        42 or 43 or 44 or 45 or 46 or 47 or 288 or 299 or 307 => true, // sockets: nobody else can ask for their time-outs
        16 => true, // ioctl: each device has its own rules
        208 or 333 or 426 => true, // io_getevents, io_pgetevents, io_uring_enter: can answer that less has happened than was waited for
        128 => Argument(words, 2) != 0, // rt_sigtimedwait
        220 or 441 => Argument(words, 3) != 0, // semtimedop, epoll_pwait2
        232 or 281 => (int)Argument(words, 3) > 0, // epoll_wait, epoll_pwait
        _ => false,
    };

    /// <summary>nanosleep, clock_nanosleep, poll, futex, and restart_syscall itself.</summary>
    private static bool IsContinuedByBlock(int number) => number is 35 or 230 or 7 or 202 or 219;

    private static ulong Argument(string[] words, int index) =>
        ulong.Parse(words[index + 1].AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private readonly record struct Sleep(string Call, long Switches);
}
