using System.Diagnostics;
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

    private void ReturnAll()
    {
        List<ulong> addresses;
        lock (_taken.Lock)
            addresses = _taken.AddressesIn(AddressRange.Whole);
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
        {
            page.Memory!.Revoke(page.Frame);
            Restore(address, page.Memory.AddressOf(page.Frame));
        }

        lock (_taken.Lock)
        {
            // Gone with an unmap meanwhile? Then whoever took it out frees it.
            if (!_taken.TryFind(address, out TakenPage now) || now != page)
                return;
            _taken.Remove(address, out _);
        }

        page.Memory!.Free(page.Frame);
    }

    private void Restore(ulong address, byte* content)
    {
        long begin = Stopwatch.GetTimestamp();
        while (true)
        {
            UserfaultfdResult result = _serving.Copy(address, address + PageBytes - 1, content);
            // An event waits to be read, which the event reader does; other failures mean that the mapping or the process has gone.
            if (result.Status != UserfaultfdStatus.EventPending || Stopwatch.GetElapsedTime(begin) > WaitLimit)
            {
                if (!result.Succeeded)
                    _serving.Wake(address, address + PageBytes - 1);
                return;
            }

            Thread.Sleep(0);
        }
    }
}
