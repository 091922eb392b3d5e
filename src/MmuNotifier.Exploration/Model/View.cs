namespace MmuNotifier.Exploration.Model;

/// <summary>
/// How much of each location somebody has seen: for every location the time of the newest message that it must not go back behind. Views
/// only grow, by joining.
/// </summary>
internal sealed class View
{
    /// <summary>By number of the location; those beyond the length are at 0, the initial message.</summary>
    private int[] _times = new int[16];

    /// <summary>Times at and after this index are 0.</summary>
    private int _count;

    public int this[int location] => location < _count ? _times[location] : 0;

    public void Raise(int location, int time)
    {
        if (location >= _count)
        {
            Reserve(location + 1);
            _count = location + 1;
        }

        if (_times[location] < time)
            _times[location] = time;
    }

    public void Join(View other)
    {
        int count = other._count;
        if (_count < count)
        {
            Reserve(count);
            _count = count;
        }

        int[] mine = _times;
        int[] theirs = other._times;
        for (int location = 0; location < count; location++)
        {
            if (mine[location] < theirs[location])
                mine[location] = theirs[location];
        }
    }

    public void CopyFrom(View other)
    {
        Reserve(other._count);
        if (_count > other._count)
            Array.Clear(_times, other._count, _count - other._count);
        Array.Copy(other._times, _times, other._count);
        _count = other._count;
    }

    public void Clear()
    {
        Array.Clear(_times, 0, _count);
        _count = 0;
    }

    private void Reserve(int count)
    {
        if (_times.Length < count)
            Array.Resize(ref _times, Math.Max(count, _times.Length * 2));
    }
}
