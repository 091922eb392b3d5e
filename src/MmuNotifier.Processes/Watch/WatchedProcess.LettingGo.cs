using System.Diagnostics;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <content>Taking registrations from memory of a running program, on the owner's thread.</content>
/// <remarks>
/// <para>
/// Whoever closes a userfaultfd, or unregisters memory that is registered for write protection, makes the kernel take the protection from
/// every page of it, with the lock of the address space held for writing: the program's next fault waits for it, 0.2 µs a page that is not
/// protected any more, up to 3 µs one that is. So the protection is taken away before, in parts, under a lock that faults can share. Then
/// the mapping is registered for missing pages instead of write protection, which the kernel changes back without a look at its pages.
/// Parts of mappings are never unregistered: that splits a mapping, and the program's mremap of it fails.
/// </para>
/// <para>
/// A protected page that mremap has moved, in the meantime, to where no protection is expected would stay marked as protected, without a
/// registration; a later watch would take it for unchanged. So a move that happened meanwhile makes the whole begin again, and in the end
/// it is left to the closing.
/// </para>
/// </remarks>
internal sealed partial class WatchedProcess
{
    private const ulong UnprotectedAtOnce = HugePagePool.PageBytes;

    private const int MaxLettingGoAttempts = 3;

    /// <summary>How long the event reader gets for the events that wait.</summary>
    private static readonly TimeSpan EventLimit = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Before the watch is closed, while its events are still read: unregisters its mappings without a long wait for the program.
    /// </summary>
    internal void LetGo()
    {
        if (!IsOver && !_process.WaitForExit(0))
            _ = TryUnregister([.. Mappings.Select(mapping => mapping.Range)]);
    }

    /// <returns>Whether they are unregistered; otherwise they are registered as before.</returns>
    private bool TryUnregister(AddressRange[] ranges)
    {
        for (int attempt = 0; attempt < MaxLettingGoAttempts && !_isClosed; attempt++)
        {
            if (TryUnregisterOnce(ranges))
                return true;
        }

        return false;
    }

    private bool TryUnregisterOnce(AddressRange[] ranges)
    {
        long moves = Volatile.Read(ref Counters.Remaps);
        foreach (AddressRange range in ranges)
            Unprotect(range);
        foreach (AddressRange range in ranges)
            UnlessClosed(() => _userfaultfd.UnregisterUnprotected(range.Start, range.Last));
        AfterStep?.Invoke("unregister");
        if (HasNotMovedSince(moves))
            return true;
        foreach (AddressRange range in ranges)
            UnlessClosed(() => _userfaultfd.Register(range.Start, range.Last));
        return false;
    }

    /// <remarks>What is not registered is refused, and what has gone needs none of it. The parts end where huge pages do.</remarks>
    private void Unprotect(AddressRange range)
    {
        ulong start = range.Start;
        while (!_isClosed)
        {
            ulong last = Math.Min(start | (UnprotectedAtOnce - 1), range.Last);
            UnlessClosed(() => _userfaultfd.WriteProtect(start, last, protect: false));
            AfterStep?.Invoke("unprotect");
            if (last == range.Last)
                return;
            start = last + 1;
        }
    }

    /// <remarks>
    /// A move that has been made is an event that waits, one that is being handled, or counted: the three are looked at in this order.
    /// </remarks>
    private bool HasNotMovedSince(long moves)
    {
        long begin = Stopwatch.GetTimestamp();
        bool isWaiting = true;
        while (UnlessClosed(() => isWaiting = _userfaultfd.HasEventPending()) && isWaiting)
        {
            if (Stopwatch.GetElapsedTime(begin) > EventLimit)
                return false;
            Thread.Sleep(1);
        }

        return Fence.TryObserve(out _) && Volatile.Read(ref Counters.Remaps) == moves;
    }
}
