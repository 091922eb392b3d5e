using System.Diagnostics;
using MmuNotifier.FaultHandler;
using MmuNotifier.Linux.Handler;
using MmuNotifier.Linux.Native;
using MmuNotifier.Linux.Userfaultfd;

namespace MmuNotifier.Linux.OwnWatching;

/// <summary>The userfaultfd of this process's own memory and the native thread that reads its events.</summary>
internal sealed unsafe class EventReader : IDisposable
{
    /// <summary>How long whatever must come soon may take.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private const uint Capacity = 2048;
    private const int PrivateAnonymous = 0x22;
    private const int NoAccess = 0;
    private const int DoNotFork = 10;
    private static readonly TimeSpan QuietLimit = TimeSpan.FromMilliseconds(20);

    private readonly ChangeStamp _stamp;
    private readonly WakeDescriptorPair _descriptors;
    private readonly ulong _quietPage;
    private nint _handler;
    private ulong _appliedUpTo;

    private EventReader(UserfaultfdDescriptor userfaultfd, ChangeStamp stamp, ulong quietPage)
    {
        Userfaultfd = userfaultfd;
        _stamp = stamp;
        _quietPage = quietPage;
        _descriptors = new WakeDescriptorPair();
        _handler = HandlerLibrary.StartWith(
            (int)userfaultfd.Handle.DangerousGetHandle(),
            _descriptors.Stop.Descriptor,
            _descriptors.Signal.Descriptor,
            stamp.Header,
            Capacity);
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

    /// <summary>Null with the reason if this kernel or this process cannot have it.</summary>
    internal static EventReader? Create(ChangeStamp stamp, out string? lack)
    {
        lack = HandlerLibrary.Lack;
        if (lack is not null)
            return null;
        // Asynchronous protection never makes a fault wait, so faults of the kernel cannot either; and this needs no privilege.
        UserfaultfdDescriptor? userfaultfd = UserfaultfdDescriptor.Create(userModeOnly: true, out Errno error);
        if (userfaultfd is null)
        {
            lack = $"userfaultfd answers {error}";
            return null;
        }

        lack = Prepare(userfaultfd, out ulong quietPage);
        if (lack is not null)
        {
            userfaultfd.Dispose();
            return null;
        }

        try
        {
            return new EventReader(userfaultfd, stamp, quietPage);
        }
        catch (InvalidOperationException exception)
        {
            lack = exception.Message.TrimEnd('.');
            userfaultfd.Dispose();
            Syscall.Unmap(quietPage, PageSize.Bytes);
            return null;
        }
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
    /// goes on.
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

    /// <summary>Whether no change of watched memory is under way whose event has not been read, or whose caller has not gone on.</summary>
    internal bool IsQuiet() => Userfaultfd.ProbeChanges(_quietPage) != UserfaultfdStatus.EventPending;

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

    /// <summary>Wakes whoever waits for the signal descriptor.</summary>
    internal void Nudge() => _descriptors.Signal.Signal();

    /// <summary>
    /// Before looking what is published. In this order: a signal between the two would be taken away, and the mark that says it is there stay.
    /// What is published before the mark is cleared is found by the look; what comes later signals.
    /// </summary>
    internal void ClearSignal()
    {
        _descriptors.Signal.Clear();
        Interlocked.Exchange(ref _stamp.Header->Signalled, 0);
    }

    /// <summary>
    /// Ends the thread, then closes the userfaultfd: that lets everybody go on who waits for an event to be read. A forked child may keep it
    /// open, so nothing may be registered any more that is unmapped later.
    /// </summary>
    public void Dispose()
    {
        Userfaultfd.Unregister(_quietPage, _quietPage + PageSize.Bytes - 1);
        _descriptors.Stop.Signal();
        HandlerLibrary.Stop(_handler);
        _handler = 0;
        Volatile.Write(ref _stamp.Header->State, EventHeader.Failed);
        Userfaultfd.Dispose();
        _descriptors.Dispose();
        Syscall.Unmap(_quietPage, PageSize.Bytes);
    }

    private static string? Prepare(UserfaultfdDescriptor userfaultfd, out ulong quietPage)
    {
        quietPage = 0;
        HandshakeResult result = userfaultfd.Handshake(UserfaultfdFeatures.OwnChanges);
        if (result.Granted != UserfaultfdFeatures.OwnChanges)
            return $"this kernel's userfaultfd has no {UserfaultfdFeatures.OwnChanges & ~result.Granted}";
        long address = Syscall.MapAnonymous(0, PageSize.Bytes, NoAccess, PrivateAnonymous, 0);
        if (address < 0)
            return $"no memory ({Syscall.ErrorOf(address)})";
        quietPage = (ulong)address;
        // Not for the child's use; and it makes the page unlike any other, so that its mapping joins no watched neighbour.
        Syscall.Advise(quietPage, PageSize.Bytes, DoNotFork);
        UserfaultfdResult registered = userfaultfd.Register(quietPage, quietPage + PageSize.Bytes - 1);
        if (registered.Succeeded && userfaultfd.ProbeChanges(quietPage) == UserfaultfdStatus.NotWatchable)
            return null;
        // Closed first: while it is open and nobody reads it, the munmap of a registered page waits for good.
        userfaultfd.Dispose();
        Syscall.Unmap(quietPage, PageSize.Bytes);
        return $"userfaultfd does not register memory ({registered.Error})";
    }
}
