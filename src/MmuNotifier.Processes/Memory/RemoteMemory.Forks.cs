using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <content>Children.</content>
public sealed unsafe partial class RemoteMemory
{
    /// <summary>How long a child's page is tried while there is no memory for it; the parent's requests wait meanwhile.</summary>
    private static readonly TimeSpan NoMemoryLimit = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The process has forked: its child gets a copy of every page that a device has; the pages stay with the device. The child runs
    /// already, and waits where it touches one. It is let go when it has all; a child that forks meanwhile hands its descriptor on.
    /// </summary>
    private void GiveToChild(UserfaultfdDescriptor first)
    {
        _taken.Lock.AssertHeld();
        List<KeyValuePair<ulong, TakenPage>> owed = [.. _taken.AddressesIn(AddressRange.Whole).Select(FindTaken).Where(IsOwedToChild)];
        RemoveWiped(owed);
        var pages = new ChildPages(owed);
        var children = new Queue<(UserfaultfdDescriptor Child, ChildPages Pages)>([(first, pages)]);
        while (children.TryDequeue(out (UserfaultfdDescriptor Child, ChildPages Pages) next))
        {
            using (next.Child)
                Give(next.Child, next.Pages, children);
        }
    }

    // Of memory that is wiped on fork, the child gets nothing. Only smaps shows that, which takes milliseconds a gigabyte, and it must be
    // read before the process can change it: for a fork by the C library it has been.
    private void RemoveWiped(List<KeyValuePair<ulong, TakenPage>> owed)
    {
        HashSet<ulong> wiped = _wipedAtFork ?? FindWiped(owed.ConvertAll(pair => pair.Key));
        _wipedAtFork = null;
        owed.RemoveAll(pair => wiped.Contains(pair.Key));
    }

    private HashSet<ulong> FindWiped(List<ulong> addresses)
    {
        var starts = new Dictionary<ulong, ulong>();
        foreach (ulong address in addresses)
        {
            if (TryQuery(address, out Hmm.Mapping mapping))
                starts[address] = mapping.Range.Start;
        }

        if (starts.Count == 0)
            return [];
        Dictionary<ulong, MappingFlags> flags = SmapsReader.Read(_processId, starts.Values.ToHashSet(), out _);
        return [.. addresses.Where(address => starts.TryGetValue(address, out ulong start)
            && flags.GetValueOrDefault(start).HasFlag(MappingFlags.WipedOnFork))];
    }

    private KeyValuePair<ulong, TakenPage> FindTaken(ulong address) =>
        new(address, _taken.TryFind(address, out TakenPage page) ? page : default);

    // Where the parent was just dropping a page, the child may have it, and then keeps it.
    private static bool IsOwedToChild(KeyValuePair<ulong, TakenPage> pair) =>
        pair.Value.IsAway || pair.Value.Transit == PageTransit.Leaving;

    private static void Give(
        UserfaultfdDescriptor child, ChildPages pages, Queue<(UserfaultfdDescriptor Child, ChildPages Pages)> children)
    {
        var events = new UserfaultEvent[EventsPerRead];
        long begin = Environment.TickCount64;
        while (pages.TryPeek(out ulong address, out TakenPage page))
        {
            UserfaultfdResult result = child.Copy(address, address + PageBytes - 1, page.Memory!.AddressOf(page.Frame));
            if (result.Status == UserfaultfdStatus.ProcessGone)
                return;
            bool isDone = result.Succeeded || result.Error == Errno.Exists
                || (result.Status == UserfaultfdStatus.NotRegistered && !child.IsChangePending());
            TimeSpan limit = result.Status == UserfaultfdStatus.NoMemory ? NoMemoryLimit : WaitLimit;
            bool isLate = Environment.TickCount64 - begin > limit.TotalMilliseconds;
            // The child must not find zeros where its data was.
            if (!isDone && isLate)
            {
                // The kernel does not poison a page that is protected, though it does not exist.
                child.WriteProtect(address, address + PageBytes - 1, protect: false);
                child.Poison(address, address + PageBytes - 1);
            }

            if (isDone || isLate)
            {
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
                pages.Move(news.Range, news.Detail);
                break;
            case UserfaultEventKind.Unmap or UserfaultEventKind.Remove:
                pages.Remove(news.Range);
                break;
        }
    }
}
