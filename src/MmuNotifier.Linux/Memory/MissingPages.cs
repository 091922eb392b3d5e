using System.Runtime.InteropServices;
using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <summary>
/// Answers the touches of missing pages in one range: a userfaultfd and a managed thread that reads it. A thread that waits for an answer
/// must not be in managed code, or the next garbage collection would wait for him, and the answer for the collection.
/// </summary>
internal sealed unsafe class MissingPages : IDisposable
{
    private readonly UserfaultfdDescriptor _userfaultfd;
    private readonly MissingPageAnswer _answer;
    private readonly WakeDescriptor _stop;
    private readonly Thread _thread;

    private MissingPages(UserfaultfdDescriptor userfaultfd, WakeDescriptor stop, MissingPageAnswer answer)
    {
        _userfaultfd = userfaultfd;
        _stop = stop;
        _answer = answer;
        _thread = new Thread(Run) { IsBackground = true, Name = "mmunotifier missing pages" };
        Syscall.Start(_thread);
    }

    /// <summary>Begins to answer in a range that no other userfaultfd has; null with the error.</summary>
    internal static MissingPages? Begin(AddressRange range, MissingPageAnswer answer, out Errno error)
    {
        UserfaultfdDescriptor? userfaultfd = UserfaultfdDescriptor.Create(userModeOnly: false, out error);
        if (userfaultfd is null)
            return null;
        error = userfaultfd.Handshake(UserfaultfdFeatures.None).Error;
        if (error == Errno.None)
            error = userfaultfd.RegisterWithMissing(range.Start, range.Last).Error;
        WakeDescriptor? stop = null;
        if (error == Errno.None)
            stop = WakeDescriptor.TryCreate(out error);
        try
        {
            if (error == Errno.None)
                return new MissingPages(userfaultfd, stop!, answer);
        }
        catch (InvalidOperationException)
        {
            error = Errno.NoMemory; // No thread can be started.
        }

        stop?.Dispose();
        userfaultfd.Dispose();
        return null;
    }

    /// <summary>Missing pages are zeros again; waiting threads continue.</summary>
    public void Dispose()
    {
        _stop.Signal();
        _thread.Join();
        _userfaultfd.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        byte* page = (byte*)NativeMemory.AlignedAlloc(MirroredMemory.PageBytes, MirroredMemory.PageBytes);
        Span<UserfaultEvent> events = new UserfaultEvent[1];
        Span<PollEntry> polled = stackalloc PollEntry[2];
        polled[0] = new PollEntry { Descriptor = (int)_userfaultfd.Handle.DangerousGetHandle(), Wanted = PollEvents.In };
        polled[1] = new PollEntry { Descriptor = _stop.Descriptor, Wanted = PollEvents.In };
        while (true)
        {
            DescriptorPoll.Wait(polled, -1, out _);
            if (polled[1].Returned != PollEvents.None)
                break;
            if (_userfaultfd.ReadEvents(events, out _) == 1 && events[0].Kind == UserfaultEventKind.PageFault)
                Answer(events[0].Start, page);
        }

        NativeMemory.AlignedFree(page);
    }

    private void Answer(ulong address, byte* page)
    {
        var content = new Span<byte>(page, MirroredMemory.PageBytes);
        content.Clear();
        _answer(address, content);
        ulong last = address + MirroredMemory.PageBytes - 1;

        // A page is there already, or the mapping has gone: the waiting thread finds out by itself.
        if (!_userfaultfd.Copy(address, last, page).Succeeded)
            _userfaultfd.Wake(address, last);
    }
}
