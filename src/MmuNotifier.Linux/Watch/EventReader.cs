using System.Diagnostics;
using MmuNotifier.FaultHandler;

namespace MmuNotifier.Linux;

/// <summary>The userfaultfd of this process's own memory and the native thread that reads its events.</summary>
internal sealed unsafe class EventReader : IDisposable
{
    /// <summary>How long whatever must come soon may take.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private const uint Capacity = 2048;
    private static readonly TimeSpan QuietLimit = TimeSpan.FromMilliseconds(20);

    private readonly ChangeStamp _stamp;
    private readonly WakeDescriptorPair _descriptors;
    private nint _handler;
    private ulong _appliedUpTo;

    private EventReader(UserfaultfdDescriptor userfaultfd, ChangeStamp stamp, WakeDescriptorPair descriptors, nint handler)
    {
        Userfaultfd = userfaultfd;
        _stamp = stamp;
        _descriptors = descriptors;
        _handler = handler;
    }

    internal UserfaultfdDescriptor Userfaultfd { get; }

    /// <summary>Readable when there are events to fetch, and when <see cref="Nudge"/> was called.</summary>
    internal int SignalDescriptor => _descriptors.Signal.Descriptor;

    internal ulong Announced => Volatile.Read(ref _stamp.Header->Announced);

    /// <summary>Whether every event that was announced has been fetched and applied; what that has changed is seen then.</summary>
    internal bool IsApplied => Announced == Volatile.Read(ref _appliedUpTo);

    /// <summary>The kernel's number of the native thread; 0 if it has not begun to run within the limit. Waits for it.</summary>
    internal int ThreadId
    {
        get
        {
            SpinWait.SpinUntil(() => Volatile.Read(ref _stamp.Header->ThreadId) != 0, Limit);
            return Volatile.Read(ref _stamp.Header->ThreadId);
        }
    }

    internal bool IsRunning => Volatile.Read(ref _stamp.Header->State) == EventHeader.Running;

    /// <summary>Null with the reason if this kernel or this process cannot have it; then nothing is left open.</summary>
    internal static EventReader? Create(ChangeStamp stamp, out string? lack)
    {
        lack = HandlerLibrary.FindLack();
        if (lack is not null)
            return null;
        // Asynchronous protection never makes a fault wait, so faults of the kernel cannot either; and this needs no privilege.
        UserfaultfdDescriptor? userfaultfd = UserfaultfdDescriptor.Create(userModeOnly: true, out Errno error);
        if (userfaultfd is null)
        {
            lack = $"userfaultfd cannot be had ({ErrorText.Of(error)})";
            return null;
        }

        WakeDescriptorPair? descriptors = null;
        lack = Prepare(userfaultfd);
        if (lack is null && (descriptors = WakeDescriptorPair.TryCreate(out error)) is null)
            lack = $"eventfd fails ({ErrorText.Of(error)})";
        nint handler = lack is null ? Start(userfaultfd, descriptors!, stamp) : 0;
        if (handler != 0)
            return new EventReader(userfaultfd, stamp, descriptors!, handler);
        lack ??= "the thread that reads events cannot be started";
        descriptors?.Dispose();
        userfaultfd.Dispose();
        return null;
    }

    /// <summary>Waits until the reader has published all that it had announced at the call.</summary>
    /// <returns>False if it has ended, or does not come to it.</returns>
    internal bool TryAwaitPublished()
    {
        ulong announced = Announced;
        var spinner = default(SpinWait);
        long begin = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref _stamp.Header->Published) < announced)
        {
            if (!IsRunning || Stopwatch.GetElapsedTime(begin) > Limit)
                return false;
            spinner.SpinOnce();
        }

        return true;
    }

    /// <summary>
    /// Waits a moment for an instant at which every change that has had its effect on watched memory has been announced, and its caller
    /// has returned.
    /// </summary>
    /// <returns>False if changes follow each other so closely that there was none.</returns>
    internal bool TryAwaitQuiet()
    {
        var spinner = default(SpinWait);
        long begin = Stopwatch.GetTimestamp();
        while (!IsQuiet())
        {
            if (Stopwatch.GetElapsedTime(begin) > QuietLimit)
                return false;
            spinner.SpinOnce();
        }

        return true;
    }

    /// <summary>Whether no change of watched memory is under way whose event has not been read, or whose caller has not returned.</summary>
    internal bool IsQuiet() => !Userfaultfd.IsChangePending();

    /// <summary>Fetches and applies all that is published. Under the watch's lock, and not after <see cref="Dispose"/>.</summary>
    internal void Apply(Action<UserfaultEvent> apply)
    {
        ulong published = Volatile.Read(ref _stamp.Header->Published);
        if (published == _appliedUpTo)
            return;
        UserfaultEvent news;
        while (HandlerLibrary.Fetch(_handler, &news) != 0)
            apply(news);
        Volatile.Write(ref _appliedUpTo, published);
    }

    /// <summary>Wakes the threads that wait for the signal descriptor.</summary>
    internal void Nudge() => _descriptors.Signal.Signal();

    /// <summary>
    /// Before looking what is published. In this order: a signal between the two would be taken away, and the mark that says it is there
    /// stay. What is published before the mark is cleared is found by the look; what comes later signals.
    /// </summary>
    internal void ClearSignal()
    {
        _descriptors.Signal.Clear();
        Interlocked.Exchange(ref _stamp.Header->Signalled, 0);
    }

    /// <summary>
    /// Ends the thread, then closes the userfaultfd: that releases every thread that waits for an event to be read. A forked child may keep
    /// it open, so nothing may be registered any more that is unmapped later.
    /// </summary>
    public void Dispose()
    {
        _descriptors.Stop.Signal();
        HandlerLibrary.Stop(_handler);
        _handler = 0;
        Volatile.Write(ref _stamp.Header->State, EventHeader.Failed);
        Userfaultfd.Dispose();
        _descriptors.Dispose();
    }

    private static nint Start(UserfaultfdDescriptor userfaultfd, WakeDescriptorPair descriptors, ChangeStamp stamp) =>
        HandlerLibrary.StartWith(
        (int)userfaultfd.Handle.DangerousGetHandle(), descriptors.Stop.Descriptor, descriptors.Signal.Descriptor, stamp.Header, Capacity);

    private static string? Prepare(UserfaultfdDescriptor userfaultfd)
    {
        HandshakeResult result = userfaultfd.Handshake(UserfaultfdFeatures.OwnChanges);
        if (result.Error != Errno.None)
            return $"the handshake with userfaultfd fails ({ErrorText.Of(result.Error)})";
        UserfaultfdFeatures missing = UserfaultfdFeatures.OwnChanges & ~result.Granted;
        return missing == UserfaultfdFeatures.None ? null : $"this kernel's userfaultfd has no {missing}";
    }
}
