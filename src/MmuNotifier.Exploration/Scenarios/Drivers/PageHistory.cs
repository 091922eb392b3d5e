namespace MmuNotifier.Exploration.Scenarios.Drivers;

/// <summary>What a page had from when to when. A change makes both values possible from its begin to its end.</summary>
internal sealed class PageHistory(int first)
{
    /// <summary>Not mapped.</summary>
    public const int Missing = -1;

    private readonly List<(int Value, long End)> _values = [(first, long.MaxValue)];

    public void Begin(int value) => _values.Add((value, long.MaxValue));

    public void End(int value, long now)
    {
        int last = _values.FindLastIndex(entry => entry.Value == value);
        for (int i = 0; i < last; i++)
        {
            if (_values[i].End == long.MaxValue)
                _values[i] = _values[i] with { End = now };
        }
    }

    /// <summary>Whether the page had it at some moment from then until now.</summary>
    public bool HadSince(int value, long start) => _values.Exists(entry => entry.Value == value && entry.End >= start);

    public string Describe(long start) =>
        string.Join(
            " or ",
            _values.Where(entry => entry.End >= start).Select(entry => entry.Value == Missing ? "nothing" : $"{entry.Value}").Distinct());
}
