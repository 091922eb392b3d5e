namespace MmuNotifier.Linux;

/// <content>What the fault handler reports: pages that came back, and changes that were not made through this object.</content>
public sealed unsafe partial class LinuxMemory
{
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

    /// <summary>Pages that were advised away there just now can be taken at once.</summary>
    private void EndRemovals(AddressRange own)
    {
        _mappingLock.AssertHeld();
        if (!_hasHandlerEnded)
            _handler?.EndRemovals(own);
    }

    /// <summary>
    /// Handles every message of the changes that have ended so far. The caller has announced its own changes, which lie within the ranges
    /// given; all others are announced to devices now.
    /// </summary>
    private void HandleMessages(AddressRange? announced = null, AddressRange? alsoAnnounced = null)
    {
        _mappingLock.AssertHeld();
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

    private void HandlePageEnd(AddressRange page, in UserfaultEvent news, bool isAnnounced)
    {
        if (!_devicePages.TryEnd(page.Start, news.Detail, out TakenPage taken))
            return;
        if (!isAnnounced && news.Kind == UserfaultEventKind.Returned)
            Space.Invalidate(page, ReturnEvent(taken));
        taken.Memory!.Free(taken.Frame);
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
            _devicePages.Move(range, news.Detail);
        }
        else
        {
            // Pages that were away have been told of one by one; after lost messages, those have gone that are kept from devices.
            _devicePages.Free(range, static page => !page.IsAway);
            if (news.Kind == UserfaultEventKind.Lost)
                _devicePages.Free(range, static page => page.Memory!.IsRevoked(page.Frame));
        }
    }

    // What others unmap or move away is no longer ours, unless the kernel has a mapping of ours there again.
    private void ForgetForeign(UserfaultEventKind kind, AddressRange range)
    {
        if (kind is UserfaultEventKind.Unmap or UserfaultEventKind.Remap)
            _mappings.ForgetUnmapped(range, _maps);
    }

    private static InvalidationEvent ReturnEvent(in TakenPage page) =>
        page.State == TakenState.Exclusive ? InvalidationEvent.Exclusive : InvalidationEvent.Migrate;
}
