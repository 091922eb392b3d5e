namespace MmuNotifier.Hmm.Drivers.Stress;

/// <summary>
/// What the oracle knows of one word of a page, or of what its mapping permits: the writes of it with the stamps of their begin and end.
/// </summary>
/// <remarks>
/// <para>
/// The argument. If the memory is coherent, each read and each write takes effect at one moment between its begin and its end, and a read
/// gives what the last write before its moment wrote. Let a read from t0 to t1 give v. Then some write W of v began before t1; and no other
/// write lies wholly between, that is, began after W's end and ended before t0: its moment would be after W's and before the read's, so
/// W would not be the last. <see cref="Allows"/> asks for just that. So what it does not allow is wrong, whatever the schedule was: no
/// false alarm. Values are unique, so that a stale page shows by the first read of it after a later write has ended.
/// </para>
/// <para>
/// A write by a device to a page that has gone shows as well: it has ended, and later reads give what was there before it, which is not
/// allowed.
/// </para>
/// <para>Guarded by the oracle's lock.</para>
/// </remarks>
internal sealed class Register
{
    private readonly List<RegisterWrite> _writes = [];

    public Register(ulong value) => _writes.Add(new RegisterWrite { Begin = 0, End = 0, Value = value });

    public int Count => _writes.Count;

    public RegisterWrite Begin(long now, ulong value, bool isTransient = false)
    {
        var write = new RegisterWrite { Begin = now, Value = value, IsTransient = isTransient };
        _writes.Add(write);
        return write;
    }

    public RegisterWrite BeginMove(long now, Register source)
    {
        var write = new RegisterWrite { Begin = now, Source = source };
        _writes.Add(write);
        return write;
    }

    /// <summary>The write was refused: it did not happen.</summary>
    public void Withdraw(RegisterWrite write) => _writes.Remove(write);

    /// <summary>Whether a read from t0 to t1 may give the value.</summary>
    public bool Allows(ulong value, long t0, long t1)
    {
        foreach (RegisterWrite write in _writes)
        {
            if (write.Begin < t1 && !IsOverwritten(write, t0) && write.May(value))
                return true;
        }

        return false;
    }

    /// <summary>Every value that a read from t0 to t1 may give. Moves must be over.</summary>
    public HashSet<ulong> AllowedValues(long t0, long t1)
    {
        var values = new HashSet<ulong>();
        foreach (RegisterWrite write in _writes)
        {
            if (write.Begin >= t1 || IsOverwritten(write, t0))
                continue;
            if (write.Value is { } value)
                values.Add(value);
            else if (write.Values is { } several)
                values.UnionWith(several);
        }

        return values;
    }

    /// <summary>Forgets the writes that no read that begins at the stamp or later can give.</summary>
    public void Prune(long oldestBegin) => _writes.RemoveAll(write => IsOverwritten(write, oldestBegin));

    private bool IsOverwritten(RegisterWrite write, long before)
    {
        if (write.IsTransient)
            return write.End < before;
        foreach (RegisterWrite other in _writes)
        {
            if (!other.IsTransient && other.Begin > write.End && other.End < before)
                return true;
        }

        return false;
    }
}
