namespace MmuNotifier.FaultInjection;

/// <summary>What this process has open, mapped by name, and runs, to compare before and after.</summary>
internal sealed class Leftovers
{
    private static readonly string[] s_threads = ["ptrace", "mmun", "events of", "changes of", "device:"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Those with which a target is talked to.</summary>
    private static readonly HashSet<string> s_talk = [];

    private readonly Dictionary<string, int> _descriptors = CountDescriptors();
    private readonly int _rings = CountRings();

    /// <summary>Names what is there now and was not then. Threads get a while to end.</summary>
    internal string? Find()
    {
        string? found = null;
        SpinWait.SpinUntil(() => (found = FindNow()) is null, Patience);
        return found;
    }

    /// <summary>Runs what opens the descriptors with which a target is talked to; they do not count.</summary>
    internal static T Exclude<T>(Func<T> open, out string[] descriptors)
    {
        // By number and name: the number of the folder that is listed here is used again.
        HashSet<(string, string?)> before = [.. ListDescriptors()];
        T opened = open();
        descriptors = [.. ListDescriptors().Where(each => !before.Contains(each)).Select(each => each.Path)];
        s_talk.UnionWith(descriptors);
        return opened;
    }

    /// <summary>They are closed.</summary>
    internal static void Include(string[] descriptors) => s_talk.ExceptWith(descriptors);

    private string? FindNow()
    {
        foreach ((string name, int count) in CountDescriptors())
        {
            if (count > _descriptors.GetValueOrDefault(name))
                return $"descriptor left open: {name} ({count}, before {_descriptors.GetValueOrDefault(name)}; {Describe(name)})";
        }

        if (CountRings() > _rings)
            return "a ring of perf events or io_uring is still mapped";
        return Directory.EnumerateDirectories("/proc/self/task").Select(NameOfThread).FirstOrDefault(IsOurs) is { } thread
            ? $"thread left running: {thread}" : null;
    }

    private static bool IsOurs(string thread) => Array.Exists(s_threads, name => thread.StartsWith(name, StringComparison.Ordinal));

    private static string NameOfThread(string path)
    {
        try
        {
            return File.ReadAllText(path + "/comm").Trim();
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static int CountRings() => File.ReadLines("/proc/self/maps").Count(
        line => line.Contains("[perf_event]", StringComparison.Ordinal) || line.Contains("[io_uring]", StringComparison.Ordinal));

    private static string Describe(string name) => string.Join(", ", ListDescriptors()
        .Where(each => each.Name?.StartsWith(name, StringComparison.Ordinal) == true)
        .Select(each => $"{Path.GetFileName(each.Path)} {each.Name}{(s_talk.Contains(each.Path) ? " not counted" : "")}"));

    private static IEnumerable<(string Path, string? Name)> ListDescriptors() =>
        Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(path => (path, new FileInfo(path).LinkTarget));

    private static Dictionary<string, int> CountDescriptors()
    {
        var counts = new Dictionary<string, int>();
        foreach (string path in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            string? name = new FileInfo(path).LinkTarget;
            // The runtime's own come and go with what it does in the background.
            if (name is null
                || s_talk.Contains(path)
                || name.StartsWith("/proc/self", StringComparison.Ordinal)
                || name.EndsWith("/fd", StringComparison.Ordinal)
                || name.EndsWith(".dll", StringComparison.Ordinal) || name.EndsWith(".so", StringComparison.Ordinal))
                continue;
            if (name.StartsWith("socket:", StringComparison.Ordinal) || name.StartsWith("pipe:", StringComparison.Ordinal))
                name = name[..name.IndexOf(':', StringComparison.Ordinal)];
            if (name.StartsWith("/proc/", StringComparison.Ordinal) && name.Split('/') is [_, _, _, .. string[] rest])
                name = "/proc/*/" + string.Join('/', rest);
            counts[name] = counts.GetValueOrDefault(name) + 1;
        }

        return counts;
    }
}
