namespace MmuNotifier;

/// <summary>
/// A small number for each living thread, so that an address space finds what belongs to a thread in an array. The numbers of ended threads
/// are given out again.
/// </summary>
internal sealed class ThreadIndex
{
    private static readonly LeafLock s_lock = new();
    private static readonly Stack<int> s_returned = new();
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
        if (MisuseValidation.IsEnabled)
            OpenScopes.TellOf(_index); // Before another thread can get the number.
        using (s_lock.Hold())
            s_returned.Push(_index);
    }

    /// <summary>The number of the calling thread, from 0.</summary>
    public static int Current => t_indexPlusOne > 0 ? t_indexPlusOne - 1 : Assign();

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
