using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux.Native;

namespace MmuNotifier.Linux.Userfaultfd;

internal sealed unsafe partial class UserfaultfdDescriptor
{
    private const int MaxEventsPerRead = 64;

    private long _pageFaults;

    /// <summary>Faults that were reported although nothing is registered that could block: a mistake, to be looked into.</summary>
    internal long PageFaults => Interlocked.Read(ref _pageFaults);

    /// <summary>
    /// Takes the events that wait, without blocking; the count, or zero with the error (Again: none waits).
    /// </summary>
    /// <remarks>
    /// Reading is the acknowledgement: the caller's munmap returns when its event is read here, before anybody has seen it. So poll,
    /// fence what depends on the memory, and only then read. Unmap and Remap tell of what has happened; Remove comes before the
    /// pages go, and nothing tells when they have gone.
    /// </remarks>
    [SkipLocalsInit]
    internal int ReadEvents(Span<UserfaultEvent> events, out Errno error)
    {
        UffdMessage* messages = stackalloc UffdMessage[MaxEventsPerRead];
        int capacity = Math.Min(events.Length, MaxEventsPerRead);
        long result = Syscall.Read(_handle, messages, (nuint)(capacity * sizeof(UffdMessage)));
        error = Syscall.ErrorOf(result);
        if (result <= 0)
            return 0;
        int count = (int)(result / sizeof(UffdMessage));
        for (int i = 0; i < count; i++)
            events[i] = Decode(in messages[i]);
        return count;
    }

    private UserfaultEvent Decode(in UffdMessage message)
    {
        var kind = (UserfaultEventKind)message.Event;
        switch (kind)
        {
            case UserfaultEventKind.Unmap or UserfaultEventKind.Remove:
                return new UserfaultEvent(kind, message.First, message.Second - 1, 0, null);
            case UserfaultEventKind.Remap:
                return new UserfaultEvent(kind, message.First, message.First + message.Third - 1, message.Second, null);
            case UserfaultEventKind.Fork:
                // The kernel has put the new descriptor into the table of the reader: this process.
                var child = new SafeFileHandle((nint)message.ForkDescriptor, ownsHandle: true);
                return new UserfaultEvent(kind, 0, 0, 0, child);
            case UserfaultEventKind.PageFault:
                Interlocked.Increment(ref _pageFaults);
                return new UserfaultEvent(kind, message.Second, message.Second, message.First, null);
            default:
                return default;
        }
    }
}
