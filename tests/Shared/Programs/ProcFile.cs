namespace MmuNotifier.Tests.Shared;

internal static class ProcFile
{
    private const int NoSuchProcess = 3;

    /// <summary>
    /// The text of /proc/PID/<paramref name="name"/>, empty when the process has ended. It may end, and be reaped, at any moment of the
    /// call, so that to ask first whether the file exists tells nothing.
    /// </summary>
    internal static string TextIfRunning(int processId, string name)
    {
        try
        {
            return File.ReadAllText(FormattableString.Invariant($"/proc/{processId}/{name}"));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException || IsNoSuchProcess(exception))
        {
            return "";
        }
    }

    private static bool IsNoSuchProcess(Exception exception) => exception is IOException { HResult: NoSuchProcess };
}
