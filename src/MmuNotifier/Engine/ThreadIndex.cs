namespace MmuNotifier;

/// <summary>
/// A small number for each living thread, so that an address space finds what belongs to a thread in an array. The numbers of ended threads
/// are given out again, once everything that was kept for the thread is given up: see <see cref="Own"/>.
/// </summary>
internal sealed class ThreadIndex
{
    private static readonly LeafLock s_lock = new();
    private static readonly Stack<int> s_returned = new();

    /// <summary>By number. Weak, so that no thread keeps a space; here and not in the object that is finalized, because that one's are
    /// finalized with it. Guarded by <see cref="s_lock"/>.</summary>
    private static readonly Dictionary<int, List<WeakReference<IThreadOwned>>> s_owned = [];

    private static int s_count;

    /// <summary>Number + 1, so that a thread without one reads 0.</summary>
    [ThreadStatic]
    private static int t_indexPlusOne;

    /// <summary>Reachable from its thread only, so that its finalizer runs when the thread has ended.</summary>
    [ThreadStatic]
#pragma warning disable IDE0052 // Kept for its finalizer.
    private static ThreadIndex? t_keeper;
#pragma warning restore IDE0052

    private readonly int _index;

    private ThreadIndex(int index)
    {
        _index = index;
    }

    ~ThreadIndex()
    {
        List<WeakReference<IThreadOwned>>? owned;
        using (s_lock.Hold())
            s_owned.Remove(_index, out owned);
        foreach (WeakReference<IThreadOwned> reference in owned ?? [])
        {
            if (reference.TryGetTarget(out IThreadOwned? target))
                target.GiveUp();
        }

        using (s_lock.Hold())
            s_returned.Push(_index);
    }

    /// <summary>The number of the calling thread, from 0.</summary>
    public static int Current => t_indexPlusOne > 0 ? t_indexPlusOne - 1 : Assign();

    /// <summary>Has something given up when the calling thread has ended, if it still exists by then.</summary>
    public static void Own(IThreadOwned target)
    {
        int index = Current;
        using (s_lock.Hold())
        {
            if (!s_owned.TryGetValue(index, out List<WeakReference<IThreadOwned>>? owned))
                s_owned.Add(index, owned = []);
            if (owned.Count == owned.Capacity)
                // Before it grows: in constant time for each on average.
                owned.RemoveAll(static reference => !reference.TryGetTarget(out _));
            owned.Add(new WeakReference<IThreadOwned>(target));
        }
    }

    private static int Assign()
    {
        int index;
        using (s_lock.Hold())
        {
            if (!s_returned.TryPop(out index))
                index = s_count++;
        }

        t_keeper = new ThreadIndex(index);
        t_indexPlusOne = index + 1;
        return index;
    }
}
