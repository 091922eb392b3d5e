using System.Diagnostics;

namespace MmuNotifier.Processes;

/// <summary>Does something with a process while it is stopped, although it can change between any two of our steps.</summary>
internal static class Attachment
{
    private const int MaxAttempts = 5;

    /// <summary>No further attempt is begun after this time.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(4);

    /// <summary>Stops the process, runs the function and lets the process go. Tries again when the target changed on the way.</summary>
    /// <param name="thread">The tracer.</param>
    /// <param name="processId">The process.</param>
    /// <param name="function">What to do; it leaves nothing behind when it throws.</param>
    /// <param name="limit">How long the threads get to stop.</param>
    /// <param name="afterStep">Called after each ptrace request.</param>
    /// <param name="startTime">
    /// When the process that is meant was started; null for the one that has the number now. Numbers are reused, within seconds on a busy
    /// machine.
    /// </param>
    /// <param name="onReleased">Called when it runs again, with the time since the first request to stop it.</param>
    /// <exception cref="ProcessAttachException">It cannot be done, or the process has ended; the message says which.</exception>
    internal static T Run<T>(
        PtraceThread thread,
        int processId,
        Func<StoppedProcess, T> function,
        TimeSpan? limit = null,
        Action<string>? afterStep = null,
        ulong? startTime = null,
        Action<TimeSpan>? onReleased = null)
    {
        ulong meant = startTime ?? ProcessStatus.ReadStartTime(processId, out _);
        long begin = Stopwatch.GetTimestamp();
        for (int attempt = 1; ; attempt++)
        {
            if (IsAnother(processId, meant))
                throw Ended(processId);
            AttachRefusal.Check(processId);
            try
            {
                Gadgets? gadgets = Gadgets.FindBeforehand(processId);
                long asked = Stopwatch.GetTimestamp();
                T result;
                using (StoppedProcess process = StoppedProcess.Freeze(thread, processId, limit, afterStep))
                {
                    process.GadgetsFoundBefore = gadgets;
                    result = IsAnother(processId, meant) ? throw Ended(processId) : function(process);
                }

                onReleased?.Invoke(Stopwatch.GetElapsedTime(asked));
                return result;
            }
            catch (InvalidOperationException exception) when (exception is not ObjectDisposedException)
            {
                throw new ProcessAttachException($"Process {processId} cannot be attached to: {exception.Message}", exception);
            }
            catch (Exception exception) when (
                exception is TargetChangedException or ProcessAttachException && LiveThread.Find(processId) == 0)
            {
                throw Ended(processId, exception);
            }
            catch (TargetChangedException change) when (attempt == MaxAttempts || Stopwatch.GetElapsedTime(begin) > Limit)
            {
                throw new ProcessAttachException(
                    FrozenCgroup.Describe(processId)
                        ?? $"Process {processId} keeps changing while it is being attached to: try again later. Last: {change.Message}",
                    change);
            }
            catch (TargetChangedException)
            {
                // The check above says what it is now.
            }
        }
    }

    /// <summary>Whether the number belongs to a later process; false if it belongs to none.</summary>
    private static bool IsAnother(int processId, ulong startTime) =>
        ProcessStatus.ReadStartTime(processId, out Errno error) != startTime && error == Errno.None;

    private static ProcessAttachException Ended(int processId, Exception? exception = null)
    {
        string message = $"Process {processId} ended while it was being attached to.";
        return exception is null ? new ProcessAttachException(message) : new ProcessAttachException(message, exception);
    }
}
