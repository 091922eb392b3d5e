using System.Diagnostics;
using MmuNotifier.Linux.Taking;
using MmuNotifier.Linux.Userfaultfd;

namespace MmuNotifier.Linux.Remote;

/// <content>Bringing pages back into the process.</content>
internal sealed unsafe partial class RemoteMemory
{
    private void ReturnPage(ulong address)
    {
        lock (_mappingLock)
            ReturnRange(RangeOfPage(address));
    }

    /// <summary>Brings back what devices have, all of it or what is not in private memory. Under the mapping lock.</summary>
    private void ReturnAll(bool exceptPrivate = false)
    {
        List<ulong> addresses;
        lock (_taken.Lock)
        {
            addresses = _taken.AddressesIn(AddressRange.Whole);
            if (exceptPrivate)
                addresses.RemoveAll(address => _taken.TryFind(address, out TakenPage page) && page.State == TakenState.Private);
        }

        for (int i = 0; i < addresses.Count;)
        {
            int first = i;
            while (++i < addresses.Count && addresses[i] == addresses[i - 1] + PageBytes)
                continue;
            ReturnRange(new AddressRange(addresses[first], addresses[i - 1] + PageBytes - 1));
        }
    }

    /// <summary>Brings back what devices have in the range; resident pages only lose the name. Under the mapping lock.</summary>
    private void ReturnRange(AddressRange range)
    {
        List<ulong> addresses;
        bool isExclusive;
        lock (_taken.Lock)
        {
            addresses = _taken.AddressesIn(range);
            isExclusive = addresses.Exists(address => _taken.TryFind(address, out TakenPage page) && page.State == TakenState.Exclusive);
        }

        if (addresses.Count == 0)
        {
            // Brought back meanwhile: whoever waits looks again.
            _serving.Wake(range.Start, range.Last);
            return;
        }

        using (Space.ReportInvalidation(range, isExclusive ? InvalidationEvent.Exclusive : InvalidationEvent.Migrate))
        {
            foreach (ulong address in addresses)
                Return(address);
        }
    }

    private void Return(ulong address)
    {
        TakenPage page;
        lock (_taken.Lock)
        {
            if (!_taken.TryFind(address, out page) || page.State == TakenState.Collected)
                return;
        }

        if (page.IsAway)
            page.Memory!.Revoke(page.Frame);
        long begin = Stopwatch.GetTimestamp();
        while (!TryReturn(address, page, Stopwatch.GetElapsedTime(begin) > WaitLimit, out bool goesOn))
        {
            if (!goesOn)
                return;
            Thread.Sleep(0);
        }

        page.Memory!.Free(page.Frame);
    }

    /// <summary>
    /// The page is the process's again and no device's, in one step for whoever holds the lock of the taken pages: a fork finds it in one
    /// of both places. (Between a fork and the reading of its event, the kernel refuses the copy.)
    /// </summary>
    /// <param name="address">Where.</param>
    /// <param name="page">The page as it was found.</param>
    /// <param name="isLate">The process's event has waited too long to be read: it is given up.</param>
    /// <param name="goesOn">If it was not returned: whether to try again; else it went with an unmap, and whoever took it out frees
    /// it.</param>
    private bool TryReturn(ulong address, in TakenPage page, bool isLate, out bool goesOn)
    {
        ulong last = address + PageBytes - 1;
        goesOn = false;
        lock (_taken.Lock)
        {
            if (!_taken.TryFind(address, out TakenPage now) || now != page)
                return false;
            if (page.IsAway)
            {
                UserfaultfdResult result = _serving.Copy(address, last, page.Memory!.AddressOf(page.Frame));
                goesOn = result.Status == UserfaultfdStatus.EventPending && !isLate;
                if (goesOn)
                    return false;
                // The mapping or the process has gone: nobody can miss the page.
                if (!result.Succeeded)
                    _serving.Wake(address, last);
            }

            _taken.Remove(address, out _);
            return true;
        }
    }
}
