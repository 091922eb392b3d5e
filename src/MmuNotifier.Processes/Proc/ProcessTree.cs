using System.Buffers.Text;
using System.Globalization;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// Who descends from whom. While the processes run, a child made during the reading can be missed: freeze, then ask until two answers
/// are alike.
/// </summary>
internal static class ProcessTree
{
    /// <summary>The numbers of all processes that /proc shows.</summary>
    /// <exception cref="ProcessAttachException">It cannot be listed.</exception>
    internal static List<int> All()
    {
        try
        {
            var processes = new List<int>();
            foreach (string directory in Syscall.ListFolders("/proc"))
            {
                if (int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int id))
                    processes.Add(id);
            }

            return processes;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ProcessAttachException($"The processes of this machine cannot be listed: {exception.Message}.", exception);
        }
    }

    /// <summary>Appends the direct children of a process, of all its threads.</summary>
    internal static void AddChildren(int processId, List<int> children)
    {
        if (!AddFromTasks(processId, children))
            AddByParent(processId, children);
    }

    // False if the kernel has no such file (without CONFIG_PROC_CHILDREN).
    private static bool AddFromTasks(int processId, List<int> children)
    {
        string tasks = $"/proc/{processId}/task";
        if (!Syscall.HasFile($"{tasks}/{processId}/children"))
            return !Syscall.HasFolder(tasks);
        try
        {
            foreach (string task in Syscall.ListFolders(tasks))
                ProcFile.Parse(task + "/children", text => AddNumbers(text, children), out _);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The process is gone, and with it its children: they are somebody else's now.
        }

        return true;
    }

    private static int AddNumbers(ReadOnlySpan<byte> text, List<int> numbers)
    {
        while (Utf8Parser.TryParse(text, out int number, out int length))
        {
            numbers.Add(number);
            text = text[Math.Min(length + 1, text.Length)..];
        }

        return numbers.Count;
    }

    private static void AddByParent(int processId, List<int> children)
    {
        try
        {
            foreach (int candidate in All())
            {
                if (ProcessStatus.Read(candidate, out Errno error)?.ParentId == processId && error == Errno.None)
                    children.Add(candidate);
            }
        }
        catch (ProcessAttachException)
        {
            // They are looked for again.
        }
    }
}
