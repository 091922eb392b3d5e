using System.Globalization;
using MmuNotifier.Linux;
using static MmuNotifier.Linux.PtraceConstants;

namespace MmuNotifier.Processes;

/// <content>Stopping every thread, while they end, make others, and execute programs.</content>
/// <remarks>
/// <para>
/// When a thread executes a program, the kernel ends all the others and gives the thread the number of the main thread. To a tracer it
/// looks like this: threads that had stopped are gone; the number of the executing thread is gone; and the main thread's number belongs to
/// a thread that runs, traced by us if the executing thread was. So a stop that was seen counts only if it is seen again after
/// the list of threads has shown no new one.
/// </para>
/// <para>
/// A main thread that ends before the others stays as a zombie, of which its tracer gets no report. Its process lives on without it.
/// </para>
/// </remarks>
internal sealed partial class StoppedProcess
{
    /// <summary>What a seize may wait in the kernel beyond the limit: for an execve that continues once its threads are reaped.</summary>
    private static readonly TimeSpan SeizeGrace = TimeSpan.FromSeconds(1);

    /// <summary>How long a refusal is taken for a passing state of a thread that executes a program or ends.</summary>
    private static readonly TimeSpan RefusalLimit = TimeSpan.FromSeconds(0.3);

    private bool _mainThreadEnded;
    private Backoff? _refusal;

    /// <summary>
    /// Stops every thread, until a look at the list of threads shows no new one. Returns those that did not stop in time.
    /// </summary>
    /// <remarks>
    /// Only running threads make new threads, so the passes come to an end: once all that are known have stopped, a new one can only
    /// have been made before, and is on the list. They are looked at once more after that, because the list does not show that an
    /// execve has replaced one of them.
    /// </remarks>
    private List<Tracee> StopAll(TimeSpan limit)
    {
        Backoff backoff = new(limit);
        List<Tracee> pending = [];
        while (true)
        {
            // Asked before looking: a last look always follows the end of the time.
            bool over = backoff.IsOver;
            if (SeizeNewThreads(pending) && HaveAllStopped(pending))
                return [];
            if (!WaitForPending(pending, ref backoff))
                return pending;
            if (over)
                return [.. _tracees.Values.Take(1)];
        }
    }

    /// <returns>False if one of them has not stopped in time.</returns>
    private bool WaitForPending(List<Tracee> pending, ref Backoff backoff)
    {
        while (true)
        {
            bool over = backoff.IsOver;
            pending.RemoveAll(HasStoppedOrGone);
            if (pending.Count == 0)
                return true;
            if (over)
                return false;
            backoff.Wait();
            if (backoff.IsSleeping)
            {
                pending.RemoveAll(IsEndedMainThread);

                // The request may have gone to a main thread whose number belongs to another thread by now.
                pending.ForEach(Interrupt);
            }
        }
    }

    private bool HasStoppedOrGone(Tracee tracee)
    {
        TraceeStop stop = tracee.Look();
        if (stop.State == TraceeState.Gone)
            _tracees.TryRemove(tracee.ThreadId, out _);
        if (stop.IsStopped)
            HideStop(tracee);
        return stop.State != TraceeState.Running;
    }

    /// <summary>Looks at all threads again; those that run, or are gone, are asked for or forgotten.</summary>
    /// <returns>Whether all are stopped.</returns>
    private bool HaveAllStopped(List<Tracee> pending)
    {
        bool all = true;
        foreach (Tracee tracee in _tracees.Values)
        {
            TraceeStop stop = tracee.Look();
            if (stop.IsStopped)
                continue;
            all = false;
            if (stop.State == TraceeState.Gone)
            {
                _tracees.TryRemove(tracee.ThreadId, out _);
                continue;
            }

            Interrupt(tracee);
            pending.Add(tracee);
        }

        return all;
    }

    /// <summary>The kernel does not report a main thread's end while other threads of it are left, but shows it.</summary>
    private bool IsEndedMainThread(Tracee tracee)
    {
        if (tracee.ThreadId != ProcessId || ProcessStatus.ReadThread(ProcessId, ProcessId) is { IsDead: false })
            return false;
        _tracees.TryRemove(ProcessId, out _);
        _mainThreadEnded = true;
        return true;
    }

    /// <summary>A thread killed since it stopped is found gone at the release.</summary>
    private static void HideStop(Tracee tracee)
    {
        try
        {
            InterruptedCall.HideStop(tracee);
        }
        catch (TraceeGoneException)
        {
        }
    }

    /// <returns>Whether the list of threads showed none that is not stopped already, or is asked to.</returns>
    private bool SeizeNewThreads(List<Tracee> pending)
    {
        bool complete = true;
        _leftAsleep.Clear();
        foreach (int threadId in ListThreads())
        {
            if (_tracees.ContainsKey(threadId) || IsLeftAsleep(threadId))
                continue;
            Tracee tracee = new(ProcessId, threadId, IsOwnChild, _afterStep);
            Errno error = tracee.TrySeize(OptionSysGood);
            ProcessStatus? status = error == Errno.None ? null : ProcessStatus.ReadThread(ProcessId, threadId);
            if (error != Errno.None && status is { IsDead: true })
                continue;
            complete = false;

            // The number is gone: the thread has ended, or has executed a program and goes by the main thread's number now.
            if (error != Errno.None && status is null)
                continue;
            bool isOurs = error == Errno.None || status!.TracerId == Syscall.CurrentThreadId();
            if (!isOurs)
            {
                if (status!.TracerId != 0 || IsRefusedForGood())
                    throw AttachRefusal.NotPermitted(ProcessId, status.TracerId);
                continue;
            }

            _tracees[threadId] = tracee;
            pending.Add(tracee);
            Interrupt(tracee);
        }

        return complete;
    }

    /// <summary>Asked again in each pass, so one that has woken up since the last pass is stopped like any other.</summary>
    private bool IsLeftAsleep(int threadId)
    {
        if (_sleepers?.IsStillAsleep(threadId) != true)
            return false;
        _leftAsleep.Add(threadId);
        return true;
    }

    /// <summary>Waits a moment; a thread that executes a program or ends can be refused in passing.</summary>
    private bool IsRefusedForGood()
    {
        Backoff refusal = _refusal ?? new Backoff(RefusalLimit);
        bool isForGood = refusal.IsOver;
        refusal.Wait();
        _refusal = refusal;
        return isForGood;
    }

    /// <summary>A thread killed since it was seized is found gone by the next look.</summary>
    private static void Interrupt(Tracee tracee)
    {
        try
        {
            tracee.AskToStop();
        }
        catch (TraceeGoneException)
        {
        }
    }

    private List<int> ListThreads()
    {
        try
        {
            List<int> threads = [];
            foreach (string path in Syscall.ListFolders($"/proc/{ProcessId}/task"))
                threads.Add(int.Parse(Path.GetFileName(path.AsSpan()), CultureInfo.InvariantCulture));
            return threads;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
