using System.Diagnostics;
using System.Globalization;

namespace MmuNotifier.Caching.Redis.Tests.Processes;

/// <summary>
/// Knows from the events of all nodes which version each lookup was to get at least: that of the last change whose invalidation had
/// returned, on whichever node, before the lookup began. Times are of one monotonic clock.
/// </summary>
internal sealed class ChaosOracle(TimeSpan bound)
{
    private readonly Dictionary<string, List<(long ReturnedAt, long Version)>> _changes = [];
    private readonly List<(string Key, long Version, long Begin)> _lookups = [];

    public int Lookups => _lookups.Count;

    /// <summary>Lookups that did not call their own loader.</summary>
    public int Hits { get; private set; }

    public int Changes => _changes.Values.Sum(each => each.Count);

    public int Unknown { get; private set; }

    /// <summary>The last line of a node that was killed may be cut off.</summary>
    public void Read(string path)
    {
        string text = File.ReadAllText(path);
        foreach (string line in text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split(' ');
            if (words[0] == "U")
                Unknown++;
            else if (words is ["I", _, _, _])
                NoteChange(words);
            else if (words is ["L", _, _, _, "0" or "1"])
                NoteLookup(words);
        }
    }

    /// <returns>The lookups that got less than they were to get.</returns>
    public IReadOnlyList<string> FindStale()
    {
        long ticks = (long)(bound.TotalSeconds * Stopwatch.Frequency);
        var required = new Dictionary<string, (long[] Times, long[] Versions)>();
        foreach ((string key, List<(long ReturnedAt, long Version)> changes) in _changes)
        {
            changes.Sort();
            long highest = 0;
            required[key] = (
                [.. changes.Select(each => each.ReturnedAt + ticks)],
                [.. changes.Select(each => highest = Math.Max(highest, each.Version))]);
        }

        var stale = new List<string>();
        foreach ((string key, long version, long begin) in _lookups)
        {
            if (!required.TryGetValue(key, out (long[] Times, long[] Versions) of))
                continue;
            int before = Array.BinarySearch(of.Times, begin);
            before = before >= 0 ? before : ~before;
            if (before > 0 && version < of.Versions[before - 1])
            {
                double late = (double)(begin - of.Times[before - 1]) / Stopwatch.Frequency;
                stale.Add($"{key}: {version} instead of {of.Versions[before - 1]}, {late * 1000:F1} ms after the last change");
            }
        }

        return stale;
    }

    private void NoteChange(string[] words)
    {
        if (!_changes.TryGetValue(words[1], out List<(long, long)>? changes))
            _changes[words[1]] = changes = [];
        changes.Add((Number(words[3]), Number(words[2])));
    }

    private void NoteLookup(string[] words)
    {
        _lookups.Add((words[1], Number(words[2]), Number(words[3])));
        if (words[4] == "0")
            Hits++;
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
