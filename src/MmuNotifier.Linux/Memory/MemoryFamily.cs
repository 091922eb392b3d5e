namespace MmuNotifier.Linux;

/// <summary>
/// The memories that forks made of one another, and the files that all of them can map: what takes pages from a file is announced in each.
/// </summary>
internal sealed class MemoryFamily
{
    private readonly DriverLock _lock = new("family");
    private readonly List<LinuxMemory> _members = [];
    private readonly Lock _inodesLock = new();
    private readonly HashSet<ulong> _inodes = [];

    /// <summary>Taken before any mapping lock: by forks, at the end of a member, and by code that takes several mapping locks.</summary>
    internal DriverLock Lock => _lock;

    /// <summary>Under the lock, unless nobody else has the family yet.</summary>
    internal void Add(LinuxMemory member) => _members.Add(member);

    /// <summary>Under the lock.</summary>
    internal void Remove(LinuxMemory member)
    {
        _lock.AssertHeld();
        _members.Remove(member);
    }

    internal void AddFile(ulong inode)
    {
        lock (_inodesLock)
            _inodes.Add(inode);
    }

    internal bool IsFile(ulong inode)
    {
        lock (_inodesLock)
            return _inodes.Contains(inode);
    }

    /// <summary>Makes a change that takes pages from files, with no mapping changing meanwhile in any member, and announces it.</summary>
    /// <param name="announce">Begins the invalidations in one member.</param>
    /// <param name="change">Makes the change.</param>
    internal Errno Change(Action<LinuxMemory, List<InvalidationScope>> announce, Func<Errno> change)
    {
        using (_lock.Hold())
            return ChangeUnder(0, announce, change);
    }

    // All mapping locks first, then all invalidations: nobody waits for a lock with one begun.
    private Errno ChangeUnder(int held, Action<LinuxMemory, List<InvalidationScope>> announce, Func<Errno> change)
    {
        if (held < _members.Count)
        {
            using (_members[held].HoldMappings())
                return ChangeUnder(held + 1, announce, change);
        }

        List<InvalidationScope> scopes = [];
        try
        {
            foreach (LinuxMemory member in _members)
                announce(member, scopes);
            return change();
        }
        finally
        {
            scopes.ForEach(scope => scope.Dispose());
        }
    }
}
