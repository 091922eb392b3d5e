using MmuNotifier.Linux.Taking;
using MmuNotifier.Linux.Userfaultfd;

namespace MmuNotifier.Linux.Remote;

/// <content>Children.</content>
internal sealed unsafe partial class RemoteMemory
{
    /// <summary>
    /// The process has forked: its child gets a copy of every page that a device has; the pages stay with the device. The child runs
    /// already, and waits where it touches one. It is let go when it has all; a child that forks meanwhile hands its descriptor on.
    /// </summary>
    private void GiveToChild(UserfaultfdDescriptor first)
    {
        List<ulong> addresses = _taken.AddressesIn(AddressRange.Whole);
        var children = new Queue<UserfaultfdDescriptor>([first]);
        var events = new UserfaultEvent[EventsPerRead];
        while (children.TryDequeue(out UserfaultfdDescriptor? child))
        {
            using (child)
            {
                foreach (ulong address in addresses)
                {
                    if (_taken.TryFind(address, out TakenPage page) && page.IsAway)
                        GiveToChild(child, address, page.Memory!.AddressOf(page.Frame), events, children);
                }
            }
        }
    }

    private static void GiveToChild(
        UserfaultfdDescriptor child, ulong address, byte* content, UserfaultEvent[] events, Queue<UserfaultfdDescriptor> children)
    {
        long end = Environment.TickCount64 + (long)WaitLimit.TotalMilliseconds;
        // Other failures: the child has the page (it was on its way to the device), or has no such mapping any more, or is gone.
        while (child.Copy(address, address + PageBytes - 1, content).Status == UserfaultfdStatus.EventPending
            && Environment.TickCount64 < end)
        {
            int count = child.ReadEvents(events, out _);
            for (int i = 0; i < count; i++)
            {
                if (events[i].Kind == UserfaultEventKind.Fork)
                    children.Enqueue(UserfaultfdDescriptor.OfChild(in events[i]));
            }
        }
    }
}
