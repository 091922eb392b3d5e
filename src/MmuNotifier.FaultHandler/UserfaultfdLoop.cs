using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.FaultHandler;

/// <summary>
/// Reads one userfaultfd with one thread: gives pages that devices have back when they are touched, gives zeros for pages that nobody has,
/// and passes events on.
/// </summary>
/// <remarks>
/// A page leaves the table before its bytes are copied: once the CPU has it, it can be taken again at once, and the new entry must not be
/// removed with the old one. Faults come to this thread only, so none is answered with zeros in between. Where the copy cannot be made
/// now (an event is pending, and is read next), the entry is put back and the thread that faults is woken to fault again.
/// </remarks>
internal sealed unsafe class UserfaultfdLoop
{
    private const int ProtectAttempts = 100_000;
    private const int WaitMilliseconds = 1000;
    private const int RemovalWaitMilliseconds = 10;
    private const int MaxMessagesPerAnnouncement = 64;

    private readonly int _descriptor;
    private readonly int _stopDescriptor;
    private readonly int _signalDescriptor;
    private readonly EventHeader* _header;

    /// <summary>Whether <see cref="Free"/> frees the header.</summary>
    private readonly bool _ownsHeader;

    /// <summary>Whether faults are answered. A caller that gives a header of its own wants events only.</summary>
    private readonly bool _servesFaults;

    private readonly Thread _thread;
    private ulong _movedPage;
    private ulong _protectedPage;

    /// <summary>
    /// Prepares the thread. The descriptors and the header (null: it gets its own) stay the caller's, and there until <see cref="Stop"/>
    /// has returned. An error that ends the thread puts the signal descriptor in the place of the userfaultfd: that closes it, so that
    /// nobody waits for it any more.
    /// </summary>
    internal UserfaultfdLoop(int descriptor, int stopDescriptor, int signalDescriptor, EventHeader* header, uint capacity)
    {
        _descriptor = descriptor;
        _stopDescriptor = stopDescriptor;
        _signalDescriptor = signalDescriptor;
        _ownsHeader = header is null;
        _servesFaults = header is null;
        _header = header is null ? (EventHeader*)NativeMemory.AllocZeroed(1, (nuint)sizeof(EventHeader)) : header;
        Events = new EventRing(capacity);
        _thread = new Thread(Run) { IsBackground = true };
    }

    internal TakenPageMap Pages { get; } = new();

    internal RemovalsUnderWay Removals { get; } = new();

    internal EventRing Events { get; }

    /// <summary>Starts the thread.</summary>
    /// <returns>False if the system gives no thread; an exception would end the process.</returns>
    internal bool TryStart()
    {
        Volatile.Write(ref _header->State, EventHeader.Running);
        try
        {
            _thread.Start();
            return true;
        }
        catch (Exception)
        {
            Volatile.Write(ref _header->State, EventHeader.Failed);
            return false;
        }
    }

    /// <summary>Waits for the thread, which ends once the stop descriptor is readable, and frees the tables.</summary>
    internal void Stop()
    {
        _thread.Join();
        Free();
    }

    /// <summary>Frees the tables. The thread has ended, or never started.</summary>
    internal void Free()
    {
        Pages.Free();
        Removals.Free();
        Events.Free();
        if (_ownsHeader)
            NativeMemory.Free(_header);
    }

    /// <summary>
    /// Moves a present page to a device: writers wait, the bytes are copied, the page is dropped, and the waiting threads continue. One
    /// call, so that nothing between depends on the caller's runtime: a managed thread that waits for a protected page holds up a
    /// collection, and a collection holds up a caller that returns to managed code to take the next step.
    /// </summary>
    /// <returns>0, or the error; the page then stays. Again: somebody may be about to remove it.</returns>
    internal int Move(in TakenPage page)
    {
        Volatile.Write(ref _protectedPage, page.Address);
        long newest = Removals.Newest;
        int result = Protect(page.Address, protect: true);
        if (result == 0)
        {
            Removals.MarkCallersResumed(newest); // Or there would have been no protection.

            // An event of the page that was read before the protection took effect is followed now, not when the page is in the table.
            WaitUntilPublished();
            result = CopyAndDrop(page);
            if (result != 0)
                _ = Protect(page.Address, protect: false);
        }

        // The drop's event has been read, but perhaps not yet followed.
        WaitUntilPublished();
        Volatile.Write(ref _movedPage, 0);
        // Cleared before the wake: a writer that was too late for it is answered by the handler (see Answer).
        Volatile.Write(ref _protectedPage, 0);
        Wake(page.Address);
        return result;
    }

    private int CopyAndDrop(in TakenPage page)
    {
        // Not by pointer: others may have unmapped the page.
        if (!NativeCalls.TryReadOwnPage(page.Address, page.Bytes))
            return NativeCalls.BadAddress;
        Interlocked.And(ref *page.Word, ~TakenPage.Revoked);
        // First the table, then the look: the handler notes a removal before it takes the page out of the table, so one of the two finds
        // it.
        Pages.Set(page);
        int error = NativeCalls.Again;
        if (!Removals.Overlaps(AddressRange.FromLength(page.Address, NativeCalls.PageBytes)))
        {
            Volatile.Write(ref _movedPage, page.Address);
            if (NativeCalls.Advise((void*)page.Address, NativeCalls.PageBytes, NativeCalls.DontNeed) == 0)
                return 0;
            error = Marshal.GetLastSystemError();
        }

        if (Pages.TryRemove(page.Address, out _))
            Interlocked.Or(ref *page.Word, TakenPage.Revoked);
        return error;
    }

    /// <summary>The caller's own removals in the range, which have returned, are over.</summary>
    internal void EndRemovals(AddressRange range)
    {
        WaitUntilPublished();
        Removals.End(range);
    }

    private int Protect(ulong address, bool protect)
    {
        ulong* argument = stackalloc ulong[3] { address, NativeCalls.PageBytes, protect ? 1UL : 0 };
        var spinner = default(SpinWait);
        while (NativeCalls.Ioctl(_descriptor, NativeCalls.WriteProtect, argument) != 0)
        {
            int error = Marshal.GetLastSystemError();
            if (error != NativeCalls.Again || spinner.Count > ProtectAttempts)
                return error;
            spinner.SpinOnce(sleep1Threshold: -1);
        }

        return 0;
    }

    /// <summary>
    /// Waits until everything that was read of the userfaultfd so far is handled and its messages are published. A caller whose own change
    /// has just ended then finds the change handled.
    /// </summary>
    internal void WaitUntilPublished()
    {
        ulong announced = Volatile.Read(ref _header->Announced);
        var spinner = default(SpinWait);
        while (Volatile.Read(ref _header->Published) < announced && Volatile.Read(ref _header->State) != EventHeader.Failed)
            spinner.SpinOnce(sleep1Threshold: -1);
    }

    private void Run()
    {
        NativeCalls.BlockSignals();
        Volatile.Write(ref _header->ThreadId, NativeCalls.ThreadId());
        PollEntry* entries = stackalloc PollEntry[2];
        entries[0] = new PollEntry { Descriptor = _descriptor, Wanted = PollEvents.In };
        entries[1] = new PollEntry { Descriptor = _stopDescriptor, Wanted = PollEvents.In };
        while (true)
        {
            // Interrupted or timed out: nothing is found, and the loop continues.
            entries[0].Returned = entries[1].Returned = PollEvents.None;
            int found = NativeCalls.Poll(entries, 2, Removals.HasBlockedCaller ? RemovalWaitMilliseconds : WaitMilliseconds);
            if (Removals.HasBlockedCaller)
                FollowRemovals();
            if (found <= 0)
                continue;
            if (entries[1].Returned != PollEvents.None)
                return;
            if (entries[0].Returned == PollEvents.None)
                continue;
            int error = ReadMessages();
            if (error == 0)
                continue;
            Fail(error);
            return;
        }
    }

    private void FollowRemovals()
    {
        long newest = Removals.Newest;
        if (!IsChangePending())
            Removals.MarkCallersResumed(newest);
    }

    // Where no page is moved, and asked for nothing: that is refused with another error once no caller waits.
    private bool IsChangePending()
    {
        ulong* argument = stackalloc ulong[5] { 0, 0, 0, 0, 0 };
        return NativeCalls.Ioctl(_descriptor, NativeCalls.Copy, argument) != 0 && Marshal.GetLastSystemError() == NativeCalls.Again;
    }

    /// <returns>0, or the error for which no message can be read any more.</returns>
    private int ReadMessages()
    {
        ulong announced = _header->Announced + 1;
        Volatile.Write(ref _header->Announced, announced);
        int error = 0;
        // Each read releases the callers whose events it gets; the announcement is visible before that. With faults, one message a read:
        // between a fault and a removal that was read with it, the removal's caller would continue before the fault's page is given back.
        // Events alone are read together: a caller that continues may be woken on this processor, and then waits until this thread sleeps
        // again.
        int batch = _servesFaults ? 1 : MaxMessagesPerAnnouncement;
        UserfaultMessage* messages = stackalloc UserfaultMessage[MaxMessagesPerAnnouncement];
        for (int done = 0; done < MaxMessagesPerAnnouncement; done += batch)
        {
            nint read = NativeCalls.Read(_descriptor, messages, (nuint)(batch * UserfaultMessage.SizeBytes));
            if (read <= 0)
            {
                error = read < 0 ? Marshal.GetLastSystemError() : NativeCalls.InputOutput;
                if (error is NativeCalls.Again or NativeCalls.Interrupted)
                    error = 0;
                break;
            }

            for (int i = 0; i < (int)read / UserfaultMessage.SizeBytes; i++)
                Answer(UserfaultEvent.Decode(in messages[i]));
            if (read < (batch * UserfaultMessage.SizeBytes))
                break; // Nothing was left.
        }

        // The state shows an error; nothing here is used after that: see Fail.
        if (error == 0)
            Volatile.Write(ref _header->Published, announced);
        // Who follows looks after every signal, and cleared the mark before it looked: it sees what was published before the mark was set.
        if (_servesFaults || Interlocked.Exchange(ref _header->Signalled, 1) == 0)
            Signal();
        return error;
    }

    private void Fail(int error)
    {
        // Before the userfaultfd is closed, as closing it releases the callers of munmap, and they must see it.
        _header->Error = error;
        Volatile.Write(ref _header->State, EventHeader.Failed);
        _ = NativeCalls.Duplicate(_signalDescriptor, _descriptor, NativeCalls.CloseOnExec);
        Signal();
    }

    private void Signal()
    {
        ulong one = 1;
        _ = NativeCalls.Write(_signalDescriptor, &one, sizeof(ulong));
    }

    private void Answer(in UserfaultEvent news)
    {
        if (news.Kind != UserfaultEventKind.PageFault)
        {
            Follow(news);
            return;
        }

        // A page that is being moved is protected; the end of the move wakes the threads that wait for it by then. A thread that met the
        // protection and began to wait only after that would wait for good: he is given the page, or made to touch it again.
        ulong address = news.Start;
        bool isProtected = ((PageFaultFlags)news.Detail & PageFaultFlags.WriteProtected) != 0;
        if (isProtected && address == Volatile.Read(ref _protectedPage))
            return;
        if (Pages.TryRemove(address, out TakenPage page))
            GiveBack(page);
        else if (isProtected)
            Wake(address);
        else
            GiveZeros(address);
    }

    // A thread that touches a page of the range in between is answered after this, by this thread, so the table is right by then.
    private void Follow(in UserfaultEvent news)
    {
        switch (news.Kind)
        {
            case UserfaultEventKind.Remove when news.Start == Volatile.Read(ref _movedPage)
                && news.Last == news.Start + NativeCalls.PageBytes - 1:
                // The drop of the page that is being moved. (If it was another's, which came first, ours is taken for his: the same page is
                // dropped.)
                Volatile.Write(ref _movedPage, 0);
                return;
            case UserfaultEventKind.Remove or UserfaultEventKind.Unmap:
                if (news.Kind == UserfaultEventKind.Remove && _servesFaults)
                    Removals.Add(news.Range);
                Pages.Revoke(news.Start, news.Last, Events);
                break;
            case UserfaultEventKind.Remap:
                Pages.Move(news.Start, news.Last, news.Detail);
                break;
            case UserfaultEventKind.Fork:
                // Not asked for. The descriptor is this process's, and the child's threads wait on it as long as it is open.
                _ = NativeCalls.Close((int)news.Detail);
                break;
        }

        Events.Add(news);
    }

    private void GiveBack(in TakenPage page)
    {
        Interlocked.Or(ref *page.Word, TakenPage.Revoked);
        var spinner = default(SpinWait);
        while ((Volatile.Read(ref *page.Word) & TakenPage.CountMask) != 0)
            spinner.SpinOnce(sleep1Threshold: -1);
        ulong* argument = stackalloc ulong[5] { page.Address, (ulong)page.Bytes, NativeCalls.PageBytes, 0, 0 };
        if (NativeCalls.Ioctl(_descriptor, NativeCalls.Copy, argument) != 0)
        {
            // An event is pending, or there is no memory now: the page stays with the device, and the touch is made again. Otherwise its
            // mapping has gone.
            int error = Marshal.GetLastSystemError();
            // The kernel looks the mapping up before it looks for changes: one that has just moved is not found, and its event has yet to
            // be read.
            bool stays = error is NativeCalls.Again or NativeCalls.NoMemory || (error == NativeCalls.NoEntry && IsChangePending());
            if (stays)
            {
                Interlocked.And(ref *page.Word, ~TakenPage.Revoked);
                Pages.Set(page);
            }

            if (error == NativeCalls.NoMemory)
                Thread.Sleep(1);
            Wake(page.Address);
            if (stays)
                return;
        }

        Events.Add(UserfaultEvent.OfPage(UserfaultEventKind.Returned, page.Address, (ulong)page.Word));
    }

    private void GiveZeros(ulong address)
    {
        ulong* argument = stackalloc ulong[4] { address, NativeCalls.PageBytes, 0, 0 };
        if (NativeCalls.Ioctl(_descriptor, NativeCalls.ZeroPage, argument) != 0)
            Wake(address);
    }

    private void Wake(ulong address)
    {
        ulong* argument = stackalloc ulong[2] { address, NativeCalls.PageBytes };
        _ = NativeCalls.Ioctl(_descriptor, NativeCalls.Wake, argument);
    }
}
