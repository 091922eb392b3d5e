namespace MmuNotifier.Linux;

/// <content>What the fault handler tells: pages that came back, and changes that were not made through this object.</content>
public sealed unsafe partial class LinuxMemory
{
    private readonly PageHandler? _handler;
    private readonly string? _handlerLack;
    private Thread? _follower;

    /// <summary>Written under the mapping lock: a thread that takes the lock later does not call the handler.</summary>
    private bool _hasHandlerEnded;

    private void StartHandling()
    {
        if (_handler is not { } handler)
            return;
        _follower = new Thread(() =>
        {
            while (handler.WaitForMessages())
            {
                using (_mappingLock.Hold())
                    HandleMessages();
            }
        })
        { IsBackground = true, Name = "mmunotifier own memory" };
        Syscall.Start(_follower);
    }

    private void StopHandling()
    {
        if (_handler is null)
            return;
        _handler.Stop();
        _follower!.Join();
        _handler.Dispose();
    }

    /// <summary>Under the mapping lock: pages that were advised away there just now can be taken at once.</summary>
    private void EndRemovals(AddressRange own)
    {
        if (!_hasHandlerEnded)
            _handler?.EndRemovals(own);
    }

    /// <summary>
    /// Under the mapping lock: handles every message of the changes that have ended so far. The caller has announced its own changes, which
    /// lie within the ranges given; all others are announced to devices now.
    /// </summary>
    private void HandleMessages(AddressRange? announced = null, AddressRange? alsoAnnounced = null)
    {
        if (_handler is null || _hasHandlerEnded)
            return;
        _handler.WaitUntilPublished();
        while (_handler.TryFetch(out UserfaultEvent news))
        {
            if (news.Kind == UserfaultEventKind.Duplicate)
                continue; // A second mapping was made of the pages; the first has stayed.
            AddressRange range = news.Range;
            bool isAnnounced = announced?.Contains(range) == true || alsoAnnounced?.Contains(range) == true;
            if (news.Kind is UserfaultEventKind.Returned or UserfaultEventKind.Dropped)
                HandlePageEnd(range, news, isAnnounced);
            else
                HandleChange(news, range, isAnnounced);
        }
    }

    // The page may have been taken anew since: then the frame is another one, and stays.
    private void HandlePageEnd(AddressRange page, in UserfaultEvent news, bool isAnnounced)
    {
        TakenPage taken;
        lock (_taken.Lock)
        {
            if (!_taken.TryFind(page.Start, out taken) || !taken.IsAway || (ulong)taken.Memory!.WordOf(taken.Frame) != news.Detail)
                return;
            _taken.Remove(page.Start, out _);
        }

        if (!isAnnounced && news.Kind == UserfaultEventKind.Returned)
            Space.Invalidate(page, ReturnEvent(taken));
        taken.Memory.Free(taken.Frame);
    }

    private void HandleChange(in UserfaultEvent news, AddressRange range, bool isAnnounced)
    {
        InvalidationEvent kind = news.Kind == UserfaultEventKind.Remove ? InvalidationEvent.Clear : InvalidationEvent.Unmap;
        if (!isAnnounced)
        {
            // After the fact: the range may have been mapped again through this object since. Then it is reported one extra time, which is
            // harmless.
            Space.Invalidate(range, kind);
            ForgetForeign(news.Kind, range);
        }

        if (news.Kind == UserfaultEventKind.Remap)
        {
            List<TakenPage> replaced;
            lock (_taken.Lock)
                replaced = _taken.Move(range, news.Detail);
            foreach (TakenPage page in replaced)
                page.Memory!.Free(page.Frame);
        }
        else
        {
            // Pages that were away have been told of one by one; after lost messages, those have gone that are kept from devices.
            FreeTaken(range, static page => !page.IsAway);
            if (news.Kind == UserfaultEventKind.Lost)
                FreeTaken(range, static page => page.Memory!.IsRevoked(page.Frame));
        }
    }

    // What others unmap or move away is ours no more, unless the kernel has a mapping of ours there again.
    private void ForgetForeign(UserfaultEventKind kind, AddressRange range)
    {
        if (kind is not (UserfaultEventKind.Unmap or UserfaultEventKind.Remap))
            return;
        lock (_listLock)
        {
            ulong next = range.Start;
            while (_maps.Query(next, out QueriedMapping found) == Errno.None && found.Start <= range.Last)
            {
                if (found.Start > next)
                    _mapped.Remove(new AddressRange(next, found.Start - 1));
                if (found.Last >= range.Last)
                    return;
                next = found.Last + 1;
            }

            _mapped.Remove(new AddressRange(next, range.Last));
        }
    }

    private static InvalidationEvent ReturnEvent(in TakenPage page) =>
        page.State == TakenState.Exclusive ? InvalidationEvent.Exclusive : InvalidationEvent.Migrate;
}
