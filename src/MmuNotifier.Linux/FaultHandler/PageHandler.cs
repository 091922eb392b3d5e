using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <summary>
/// The fault handler of this process (src/MmuNotifier.FaultHandler) with the userfaultfd that it reads: moves pages to devices, gives them
/// back when they are touched, and passes on what happens to registered mappings.
/// </summary>
/// <remarks>
/// All calls may come from any thread. Moving is for one thread at a time. A thread that calls in here is not in managed code, so that it
/// may wait for the handler, which waits for nobody.
/// </remarks>
internal sealed unsafe class PageHandler : IDisposable
{
    private readonly UserfaultfdDescriptor _userfaultfd;
    private readonly WakeDescriptorPair _descriptors;
    private readonly nint _handler;

    private PageHandler(UserfaultfdDescriptor userfaultfd, WakeDescriptorPair descriptors, nint handler)
    {
        _userfaultfd = userfaultfd;
        _descriptors = descriptors;
        _handler = handler;
    }

    /// <summary>Starts one; null with the reason if this machine or this process cannot, and then nothing is left open.</summary>
    internal static PageHandler? Start(out string? lack)
    {
        lack = HandlerLibrary.FindLack();
        if (lack is not null)
        {
            lack += ".";
            return null;
        }

        UserfaultfdDescriptor? userfaultfd = UserfaultfdDescriptor.Create(userModeOnly: false, out Errno error);
        if (userfaultfd is null)
        {
            lack = error == Errno.NotPermitted
                ? "This user may not create a userfaultfd that sees the kernel's own touches: set vm.unprivileged_userfaultfd to 1, or "
                    + "give CAP_SYS_PTRACE."
                : $"This process gets no userfaultfd ({ErrorText.Of(error)}).";
            return null;
        }

        PageHandler? handler = StartWith(userfaultfd, out lack);
        if (handler is null)
            userfaultfd.Dispose();
        return handler;
    }

    private static PageHandler? StartWith(UserfaultfdDescriptor userfaultfd, out string? lack)
    {
        const UserfaultfdFeatures wanted = UserfaultfdFeatures.Serving
            & ~(UserfaultfdFeatures.EventFork | UserfaultfdFeatures.WriteProtectUnpopulated);
        HandshakeResult handshake = userfaultfd.Handshake(wanted);
        lack = null;
        if (handshake.Error != Errno.None)
            lack = $"The handshake with userfaultfd fails ({ErrorText.Of(handshake.Error)}).";
        else if (handshake.Unsupported != UserfaultfdFeatures.None)
            lack = $"This kernel's userfaultfd lacks {handshake.Unsupported}.";
        if (lack is not null)
            return null;
        WakeDescriptorPair? descriptors = WakeDescriptorPair.TryCreate(out Errno error);
        if (descriptors is null)
        {
            lack = $"eventfd fails ({ErrorText.Of(error)}).";
            return null;
        }

        nint handler = HandlerLibrary.Start(
            (int)userfaultfd.Handle.DangerousGetHandle(), descriptors.Stop.Descriptor, descriptors.Signal.Descriptor);
        if (handler != 0)
            return new PageHandler(userfaultfd, descriptors, handler);
        descriptors.Dispose();
        lack = "The thread that answers faults cannot be started.";
        return null;
    }

    /// <summary>Reports the end, moves and dropped pages of a whole mapping from now on.</summary>
    internal bool Register(AddressRange range) => _userfaultfd.Register(range.Start, range.Last).Succeeded;

    /// <summary>As <see cref="Register"/>; touches of pages that are not there go to the handler from now on.</summary>
    internal bool RegisterWithMissing(AddressRange range) => _userfaultfd.RegisterWithMissing(range.Start, range.Last).Succeeded;

    /// <summary>Reports nothing any more of what happens in the range. No page of it may be away.</summary>
    internal void Unregister(AddressRange range) => _userfaultfd.Unregister(range.Start, range.Last);

    /// <summary>Moves a page that exists, in a mapping registered with missing pages, to a frame of a device.</summary>
    /// <returns>None, or why it stays. Again: others have just advised it away, and that may not be over.</returns>
    internal Errno Move(ulong address, DeviceMemory memory, ulong frame) =>
        (Errno)HandlerLibrary.Move(_handler, address, memory.AddressOf(frame), memory.WordOf(frame));

    /// <summary>
    /// Copies from or to a frame of a device, outside managed code from begin to end: the handler waits for accesses under way, and a
    /// thread that is stopped for a garbage collection in the middle of one would never end it, because the collection waits for the thread
    /// that touches the page.
    /// </summary>
    internal static Errno Access(DeviceMemory memory, ulong frame, int offset, byte* buffer, int length, bool isWrite) =>
        (Errno)HandlerLibrary.Access(
            memory.WordOf(frame),
            DeviceMemory.GenerationOf(frame),
            memory.AddressOf(frame) + offset,
            buffer,
            (nuint)length,
            isWrite ? 1 : 0);

    /// <summary>Tells that madvise of the caller's own, which removed pages, has returned: they can be moved at once.</summary>
    internal void EndRemovals(AddressRange range) => HandlerLibrary.EndRemovals(_handler, range.Start, range.Last);

    /// <summary>Waits until the messages of every change that has ended are there.</summary>
    internal void WaitUntilPublished() => HandlerLibrary.WaitUntilPublished(_handler);

    /// <summary>Fetches the next event.</summary>
    internal bool TryFetch(out UserfaultEvent news)
    {
        fixed (UserfaultEvent* pointer = &news)
            return HandlerLibrary.Fetch(_handler, pointer) != 0;
    }

    /// <summary>Waits for messages; false once it is stopped.</summary>
    internal bool WaitForMessages()
    {
        Span<PollEntry> polled = stackalloc PollEntry[2];
        polled[0] = new PollEntry { Descriptor = _descriptors.Signal.Descriptor, Wanted = PollEvents.In };
        polled[1] = new PollEntry { Descriptor = _descriptors.Stop.Descriptor, Wanted = PollEvents.In };
        DescriptorPoll.Wait(polled, -1, out _);
        _descriptors.Signal.Clear();
        return polled[1].Returned == PollEvents.None;
    }

    /// <summary>Lets <see cref="WaitForMessages"/> end, and the handler. Pages that devices still have are lost to the program.</summary>
    internal void Stop() => _descriptors.Stop.Signal();

    /// <summary>After <see cref="Stop"/>, when nobody waits for messages any more.</summary>
    public void Dispose()
    {
        HandlerLibrary.Stop(_handler);
        _userfaultfd.Dispose();
        _descriptors.Dispose();
    }
}
