namespace MmuNotifier.Hmm;

/// <content>Range faults that begin their read sections themselves.</content>
public static partial class HmmRange
{
    /// <summary>
    /// Begins a read section and faults a range in as <see cref="Fault"/> does, again and again while it collides with changes, until a
    /// time is over (<c>hmm_range_fault_unlocked_timeout</c>). What a driver needs between a device's fault and its own lock.
    /// </summary>
    /// <param name="memory">The address space. Call under no lock that a callback of it takes.</param>
    /// <param name="notifier">Covers the range; its read sections are begun.</param>
    /// <param name="range">Whole pages.</param>
    /// <param name="entries">One a page. In: bits of a request, of which <paramref name="requestMask"/> counts. Out, after None: what is
    /// there.</param>
    /// <param name="request">Asked of every page.</param>
    /// <param name="section">
    /// The last section. After None: take the driver lock, check <see cref="ReadSection.MustRetry"/> and commit. If it is not open, its
    /// status says why.
    /// </param>
    /// <param name="timeout">
    /// For how long to try; null is <see cref="DefaultTimeout"/>, zero is no limit. Checked after each collision. The time starts again if
    /// a fault had to let go of the mapping lock, because nobody knows how long the program takes to answer it. The wait for an
    /// invalidation to end is not cut short.
    /// </param>
    /// <param name="requestMask">Which request bits of the entries count.</param>
    /// <param name="deviceOwner">Private device pages of this owner are reported as they are.</param>
    /// <param name="time">The clock; null is the system's.</param>
    /// <param name="cancellationToken">Gives up, where Linux would because the process is being killed.</param>
    /// <returns>
    /// The errors of <see cref="Fault"/>, with Busy when the time is over; and where no section can be begun: Again if the notifier was
    /// removed or does not cover the range any more, NoProcess if the address space has gone, InputOutput if its callback has failed.
    /// </returns>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    /// <exception cref="MisuseException">As of <see cref="IntervalNotifier.ReadBegin()"/>.</exception>
    public static Errno FaultUnlocked(
        MirroredMemory memory,
        IntervalNotifier notifier,
        AddressRange range,
        Span<HmmEntry> entries,
        HmmRequest request,
        out ReadSection section,
        TimeSpan? timeout = null,
        HmmRequest requestMask = HmmRequest.None,
        object? deviceOwner = null,
        TimeProvider? time = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(notifier);
        RequireWholePages(memory, range, entries);
        time ??= TimeProvider.System;
        TimeSpan limit = timeout ?? DefaultTimeout;
        // A walk that collides has replaced the requests of the pages that it had reached.
        HmmEntry[] requests = requestMask == HmmRequest.None ? [] : entries.ToArray();
        long begin = time.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            section = notifier.ReadBegin(range, null, cancellationToken);
            if (section.Status != ReadStatus.Open)
                return ErrorOf(section.Status);
            requests.CopyTo(entries);
            Errno error = Walk(memory, section, range, entries, request, requestMask, deviceOwner, out bool hasLetGo);
            if (error != Errno.Busy)
                return error;
            if (hasLetGo)
                begin = time.GetTimestamp();
            else if (limit > TimeSpan.Zero && time.GetElapsedTime(begin) >= limit)
                return Errno.Busy;
        }
    }

    private static Errno ErrorOf(ReadStatus status) => status switch
    {
        ReadStatus.Exited => Errno.NoProcess,
        ReadStatus.Failed => Errno.InputOutput,
        _ => Errno.Again,
    };
}
