using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux;

namespace MmuNotifier.Tool.Commands;

/// <summary>
/// After a signal to end, ends this process by force if the thread that created this does not get on: it is caught in a call of the
/// kernel, or its output is read by nobody. That is safe for the targets at any moment: the kernel lets go of what a process traces and
/// watches.
/// </summary>
/// <param name="exitCode">The exit code then.</param>
/// <param name="beforeForce">Called before that, if it comes to that; must not wait.</param>
internal sealed class EndWatchdog(int exitCode, Action? beforeForce = null) : IDisposable
{
    private const int StandardError = 2;
    private const int LookMilliseconds = 50;

    /// <summary>
    /// A thread that works may take so long, on a machine where it has to wait for a processor; also one of which nobody says whether it
    /// works: the kernel does not count, or there are no descriptors left to read it with.
    /// </summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly string _thread = string.Create(CultureInfo.InvariantCulture, $"/proc/self/task/{Syscall.CurrentThreadId()}/");
    private readonly ManualResetEventSlim _ended = new();
    private int _started;

    internal void Start(PosixSignal signal)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
            return;
        try
        {
            Syscall.Start(new Thread(() => Watch(signal)) { IsBackground = true, Name = "mmun end", Priority = ThreadPriority.Highest });
        }
        catch (InvalidOperationException)
        {
            // Nobody watches over the end then.
        }
    }

    public void Dispose() => _ended.Set();

    private void Watch(PosixSignal signal)
    {
        long begin = Stopwatch.GetTimestamp();
        var progress = new ThreadProgress();
        while (!_ended.Wait(LookMilliseconds))
        {
            if (progress.IsCaught(ThreadCounts.TryRead(_thread)) || Stopwatch.GetElapsedTime(begin) > Limit)
                EndByForce(signal);
        }
    }

    private void EndByForce(PosixSignal signal)
    {
        beforeForce?.Invoke();
        byte[] message = Encoding.UTF8.GetBytes(
            $"mmun: {signal} ended it without a report: it waited for the kernel or for its output to be read. The targets were let go.\n");
        Span<PollEntry> standardError = [new PollEntry { Descriptor = StandardError, Wanted = PollEvents.Out }];

        // Only if that cannot wait: standard error may be what nobody reads. Not by Console, which takes one lock for both outputs.
        if (DescriptorPoll.Wait(standardError, 0, out _) > 0 && standardError[0].Returned == PollEvents.Out)
        {
            using var stream = new FileStream(new SafeFileHandle(StandardError, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            stream.Write(message);
        }

        Syscall.ExitNow(exitCode);
    }
}
