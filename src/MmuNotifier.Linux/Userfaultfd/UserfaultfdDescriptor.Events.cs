using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Linux;

internal sealed unsafe partial class UserfaultfdDescriptor
{
    private const int MaxEventsPerRead = 64;

    /// <summary>
    /// Takes the events that wait, without blocking; the count, or zero with the error (Again: none waits).
    /// </summary>
    /// <remarks>
    /// Reading is the acknowledgement: the caller's munmap returns when its event is read here, before anybody has seen it. So poll,
    /// fence what depends on the memory, and only then read. Unmap and Remap report what has happened; Remove comes before the
    /// pages go, and nothing shows when they have gone.
    /// </remarks>
    [SkipLocalsInit]
    internal int ReadEvents(Span<UserfaultEvent> events, out Errno error)
    {
        UserfaultMessage* messages = stackalloc UserfaultMessage[MaxEventsPerRead];
        int capacity = Math.Min(events.Length, MaxEventsPerRead);
        long result = Syscall.Read(_handle, messages, (nuint)(capacity * UserfaultMessage.SizeBytes));
        error = Syscall.ErrorOf(result);
        // No descriptor is left for a child's userfaultfd, say: the event stays, and a thread that asks again at once must not take a
        // processor.
        if (error is not (Errno.None or Errno.Again))
            Thread.Sleep(1);
        if (result <= 0)
            return 0;
        int count = (int)(result / UserfaultMessage.SizeBytes);
        for (int i = 0; i < count; i++)
            events[i] = UserfaultEvent.Decode(in messages[i]);
        return count;
    }

    /// <summary>
    /// The userfaultfd of a child, from the event of the fork; it has been handshaken already. To be called once for each such event,
    /// because the descriptor is the caller's from then on.
    /// </summary>
    internal static UserfaultfdDescriptor OfChild(in UserfaultEvent fork) =>
        new(new SafeFileHandle((nint)fork.Detail, ownsHandle: true));

    /// <summary>
    /// Releases a thread that waits for an answer to a fault, although nothing was registered that needs one: what it wrote is not
    /// protected any more.
    /// </summary>
    internal void Dismiss(in UserfaultEvent fault)
    {
        if (!WriteProtect(fault.Start, fault.Last, protect: false).Succeeded)
            Wake(fault.Start, fault.Last);
    }
}
