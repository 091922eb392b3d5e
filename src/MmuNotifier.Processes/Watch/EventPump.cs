using System.Diagnostics;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// The one thread that reads the events of all watches. A target's munmap, mremap, madvise or fork waits until its event is read, so this
/// thread never waits for anything but events, and never stops a target; a fork makes one userfaultfd wait for the event of another, so
/// it waits for all of them at once.
/// </summary>
/// <remarks>
/// If handling an event throws, the watch is given up: its userfaultfd is closed, which releases every thread of the target that waits on
/// it, and the failure is counted as lost events. The thread itself continues for the others.
/// </remarks>
internal sealed class EventPump : IDisposable
{
    private const int PendingRemovalPollMilliseconds = 5;

    /// <summary>Bounds the wait, should a wake-up be lost; and how late an exec is noticed, which makes nothing readable.</summary>
    private const int IdlePollMilliseconds = 1000;

    /// <summary>How long others wait for this thread: a callback of the user's may keep it for as long as it likes.</summary>
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan JoinLimit = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly List<WatchedProcess> _watches = [];
    private readonly WakeDescriptor _wake = new();
    private readonly ClosingThread _closing = new();
    private readonly Thread _thread;
    private TaskCompletionSource? _drain;
    private bool _disposed;
    private long _lookedForExecs = Stopwatch.GetTimestamp();

    internal EventPump()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "mmun events" };
        try
        {
            Syscall.Start(_thread);
        }
        catch (InvalidOperationException)
        {
            _wake.Dispose();
            throw;
        }
    }

    /// <summary>Whether the caller runs in a callback that this thread has made: what waits for this thread would wait for ever.</summary>
    internal bool IsCurrentThread => Thread.CurrentThread == _thread;

    internal void Add(WatchedProcess watch)
    {
        watch.CloseChild = _closing.Close;
        lock (_lock)
            _watches.Add(watch);
        _wake.Signal();
    }

    /// <summary>After this returns the thread does not touch the watches any more.</summary>
    /// <remarks>If it did not answer in time it is caught in a call on a watch, which fails when the descriptor is closed.</remarks>
    internal void Remove(IReadOnlyCollection<WatchedProcess> watches)
    {
        lock (_lock)
            _watches.RemoveAll(watches.Contains);
        _ = Drain();
    }

    /// <summary>
    /// Returns when every event that was there at the call has become an invalidation. When all threads of a target are stopped, no
    /// other event can come.
    /// </summary>
    /// <param name="limit">How long to wait at most; 10 seconds if nothing is said.</param>
    /// <returns>False if the reader did not answer in time.</returns>
    internal bool Drain(TimeSpan? limit = null)
    {
        TaskCompletionSource drain;
        lock (_lock)
        {
            if (_disposed)
                return true;
            drain = _drain ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _wake.Signal();
        return drain.Task.Wait(limit ?? DrainLimit);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
        }

        _wake.Signal();
        // A thread that is caught in a callback uses the descriptor once more when it gets out.
        if (_thread.Join(JoinLimit))
            _wake.Dispose();
        // Nobody reads the events of a watch that was not released: its target's next munmap would wait for ever.
        foreach (WatchedProcess watch in _watches)
            watch.End();
    }

    private void Run()
    {
        var watches = new List<WatchedProcess>();
        PollEntry[] entries = [];
        while (true)
        {
            TaskCompletionSource? drain;
            lock (_lock)
            {
                if (_disposed)
                {
                    _drain?.TrySetResult();
                    return;
                }

                watches.Clear();
                watches.AddRange(_watches);
                // Taken before the events are read: what was there when the drain was asked for is read below.
                drain = _drain;
                _drain = null;
            }

            bool isRemovalPending = false;
            foreach (WatchedProcess watch in watches)
                isRemovalPending |= Handle(watch);
            if (drain is not null)
            {
                drain.SetResult();
                continue;
            }

            Wait(watches, ref entries, isRemovalPending ? PendingRemovalPollMilliseconds : IdlePollMilliseconds);
            LookForExecs(watches);
        }
    }

    /// <summary>An exec makes no descriptor readable.</summary>
    private void LookForExecs(List<WatchedProcess> watches)
    {
        if (Stopwatch.GetElapsedTime(_lookedForExecs).TotalMilliseconds < IdlePollMilliseconds)
            return;
        foreach (WatchedProcess watch in watches)
            watch.NoticeExec();
        _lookedForExecs = Stopwatch.GetTimestamp();
    }

    /// <returns>Whether a removal is pending, so that this must be called again soon.</returns>
    private static bool Handle(WatchedProcess watch)
    {
        try
        {
            watch.HandleEvents();
            return watch.EndRemovals();
        }
        catch (Exception exception)
        {
            watch.GiveUp(exception);
            return false;
        }
    }

    private void Wait(List<WatchedProcess> watches, ref PollEntry[] entries, int timeoutMilliseconds)
    {
        int count = (watches.Count * 2) + 1;
        if (entries.Length < count)
            entries = new PollEntry[count * 2];
        entries[0] = new PollEntry { Descriptor = _wake.Descriptor, Wanted = PollEvents.In };
        for (int i = 0; i < watches.Count; i++)
        {
            // A negative descriptor is passed over by poll: an exit is noticed once.
            entries[(i * 2) + 1] = new PollEntry { Descriptor = watches[i].EventDescriptor, Wanted = PollEvents.In };
            entries[(i * 2) + 2] = new PollEntry { Descriptor = watches[i].ExitDescriptor, Wanted = PollEvents.In };
        }

        DescriptorPoll.Wait(entries.AsSpan(0, count), timeoutMilliseconds, out _);
        _wake.Clear();
        for (int i = 0; i < watches.Count; i++)
        {
            if ((entries[(i * 2) + 2].Returned & PollEvents.In) != 0)
                watches[i].NoticeExit();
        }
    }
}
