using System.Globalization;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// The number under which the kernel shows the memory, the descriptors and the file system view of a process. It is the process's own
/// number until its main thread has ended (pthread_exit in main): from then on that number names a zombie, which has none of them, and
/// only the numbers of the threads that are left do.
/// </summary>
internal sealed class LiveThread
{
    private const int MaxLooks = 10;

    private readonly int _processId;
    private volatile int _id;

    internal LiveThread(int processId)
    {
        _processId = processId;
        _id = processId;
    }

    internal int Id => _id;

    /// <summary>Looks whether the thread still lives, and for another one if it does not.</summary>
    /// <returns>False if the process has no thread left that lives.</returns>
    internal bool LookAgain()
    {
        if (IsAlive(_processId, _id))
            return true;
        int found = Find(_processId);
        if (found != 0)
            _id = found;
        return found != 0;
    }

    /// <summary>The main thread if it lives, or else another thread; 0 if there is none.</summary>
    internal static int Find(int processId)
    {
        for (int look = 0; look < MaxLooks; look++)
        {
            if (IsAlive(processId, processId))
                return processId;
            bool hasVanished = false;
            foreach (int thread in List(processId))
            {
                char state = StateOf(processId, thread);
                if (IsAlive(state))
                    return thread;
                hasVanished |= state == '\0';
            }

            // A thread on the list has gone: it ended, or it executed a program and has the main thread's number now.
            if (!hasVanished)
                return 0;
        }

        return 0;
    }

    internal static bool IsAlive(int processId, int threadId) => IsAlive(StateOf(processId, threadId));

    private static bool IsAlive(char state) => state is not ('\0' or 'Z' or 'X' or 'x');

    private static char StateOf(int processId, int threadId) => ProcFile.Parse(
        string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/task/{threadId}/stat"),
        text => (char)text[text.LastIndexOf((byte)')') + 2],
        out _);

    private static List<int> List(int processId)
    {
        var threads = new List<int>();
        try
        {
            foreach (string path in Syscall.ListFolders($"/proc/{processId}/task"))
                threads.Add(int.Parse(Path.GetFileName(path.AsSpan()), CultureInfo.InvariantCulture));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The process is gone, and perhaps what was read before as well.
        }

        return threads;
    }
}
