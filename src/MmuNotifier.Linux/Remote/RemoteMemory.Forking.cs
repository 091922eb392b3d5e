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
        var pages = new ChildPages(_taken.AddressesIn(AddressRange.Whole).Select(FindTaken).Where(IsOwedToChild));
        var children = new Queue<(UserfaultfdDescriptor Child, ChildPages Pages)>([(first, pages)]);
        while (children.TryDequeue(out (UserfaultfdDescriptor Child, ChildPages Pages) next))
        {
            using (next.Child)
                Give(next.Child, next.Pages, children);
        }
    }

    private KeyValuePair<ulong, TakenPage> FindTaken(ulong address) =>
        new(address, _taken.TryFind(address, out TakenPage page) ? page : default);

    // Where the parent was just dropping a page, the child may have it, and then keeps it.
    private static bool IsOwedToChild(KeyValuePair<ulong, TakenPage> pair) => pair.Value.IsAway || pair.Value.Transit == PageTransit.Leaving;

    private static void Give(
        UserfaultfdDescriptor child, ChildPages pages, Queue<(UserfaultfdDescriptor Child, ChildPages Pages)> children)
    {
        var events = new UserfaultEvent[EventsPerRead];
        long end = Environment.TickCount64 + (long)WaitLimit.TotalMilliseconds;
        while (pages.TryPeek(out ulong address, out TakenPage page))
        {
            UserfaultfdResult result = child.Copy(address, address + PageBytes - 1, page.Memory!.AddressOf(page.Frame));
            if (result.Status == UserfaultfdStatus.ProcessGone)
                return;
            bool isChanging = result.Status == UserfaultfdStatus.EventPending
                || (result.Status == UserfaultfdStatus.NotRegistered && child.IsChangePending());
            if (!isChanging || Environment.TickCount64 > end)
            {
                // It has the page, had it already, or has no such mapping.
                pages.Remove(address);
                continue;
            }

            int count = child.ReadEvents(events, out _);
            for (int i = 0; i < count; i++)
                FollowChild(events[i], pages, children);
            if (count == 0)
                Thread.Sleep(0);
        }
    }

    private static void FollowChild(
        in UserfaultEvent news, ChildPages pages, Queue<(UserfaultfdDescriptor Child, ChildPages Pages)> children)
    {
        switch (news.Kind)
        {
            case UserfaultEventKind.Fork:
                children.Enqueue((UserfaultfdDescriptor.OfChild(in news), pages.Copy()));
                break;
            case UserfaultEventKind.Remap:
                pages.Move(new AddressRange(news.Start, news.Last), news.Detail);
                break;
            case UserfaultEventKind.Unmap or UserfaultEventKind.Remove:
                pages.Remove(new AddressRange(news.Start, news.Last));
                break;
        }
    }
}
