using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux;

namespace MmuNotifier.Tests.Shared;

/// <summary>A child whose userfaultfd is held here alone.</summary>
internal sealed class WatchedChild : IDisposable
{
    private WatchedChild(PythonChild child, ProcessDescriptor pidfd, UserfaultfdDescriptor userfaultfd)
    {
        Child = child;
        Pidfd = pidfd;
        Userfaultfd = userfaultfd;
    }

    internal PythonChild Child { get; }

    internal ProcessDescriptor Pidfd { get; }

    internal UserfaultfdDescriptor Userfaultfd { get; }

    internal bool HearsOfForks { get; private init; }

    internal static WatchedChild Start()
    {
        PythonChild child = PythonChild.Start();
        ProcessDescriptor pidfd = ProcessDescriptor.Open(child.ProcessId, out _)!;
        int descriptor = (int)child.Call("uffd()");
        Assert.SkipUnless(descriptor >= 0, "the child may not make a userfaultfd");
        SafeFileHandle? handle = pidfd.CopyDescriptor(descriptor, out Errno error);
        Assert.SkipUnless(handle is not null, $"pidfd_getfd is denied ({error})");
        child.Call($"os.close({descriptor}) or 0");
        var userfaultfd = new UserfaultfdDescriptor(handle!);
        HandshakeResult result = userfaultfd.Handshake(UserfaultfdFeatures.Watching);
        UserfaultfdFeatures needed = UserfaultfdFeatures.Watching & ~UserfaultfdFeatures.EventFork;
        Assert.SkipUnless((result.Granted & needed) == needed, $"the kernel grants only {result.Granted}");
        return new WatchedChild(child, pidfd, userfaultfd) { HearsOfForks = !result.ForkDenied };
    }

    internal void Register(ulong start, ulong pages) =>
        Assert.Equal(UserfaultfdStatus.Done, Userfaultfd.Register(start, start + (pages * 4096) - 1).Status);

    /// <summary>Waits for an event and takes what is there.</summary>
    internal UserfaultEvent[] Events()
    {
        var entry = new PollEntry { Descriptor = (int)Userfaultfd.Handle.DangerousGetHandle(), Wanted = PollEvents.In };
        Assert.Equal(1, DescriptorPoll.Wait(new Span<PollEntry>(ref entry), Patience.Milliseconds, out _));
        var events = new UserfaultEvent[16];
        int count = Userfaultfd.ReadEvents(events, out _);
        return events[..count];
    }

    public void Dispose()
    {
        // First this: it releases a child that waits for its event to be read.
        Userfaultfd.Dispose();
        Child.Dispose();
        Pidfd.Dispose();
    }
}
