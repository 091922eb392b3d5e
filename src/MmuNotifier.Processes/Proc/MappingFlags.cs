using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>Those VmFlags of /proc/pid/smaps that decide whether a mapping can be watched and read, and what a child gets of it.</summary>
[Flags]
internal enum MappingFlags
{
    None = 0,

    /// <summary>io: device memory.</summary>
    DeviceMemory = 1,

    /// <summary>pf: page frames without struct page.</summary>
    PageFrames = 2,

    /// <summary>mm: frames and pages mixed.</summary>
    Mixed = 4,

    /// <summary>ht: hugetlb.</summary>
    HugeTlb = 8,

    /// <summary>dp: the kernel may drop the contents (MAP_DROPPABLE).</summary>
    Droppable = 16,

    /// <summary>uw: registered for write protection with some userfaultfd.</summary>
    WriteProtectRegistered = 32,

    /// <summary>wf: a forked child finds it empty (MADV_WIPEONFORK).</summary>
    WipedOnFork = 64,

    /// <summary>dd: not in core files (MADV_DONTDUMP). The kernel shows it for its own mappings of devices as well.</summary>
    LeftOutOfCores = 128,

    /// <summary>rd: the program can read it.</summary>
    Readable = 256,
}

/// <summary>
/// Reads VmFlags. The kernel counts the pages of every mapping on the way, and the file cannot be entered in the middle, so this
/// costs milliseconds a gigabyte of mapped memory. Ask only for what neither the name nor PROCMAP_QUERY nor a refused registration shows.
/// </summary>
internal static class SmapsReader
{
    private const string Prefix = "VmFlags: ";

    /// <summary>Flags by the first address of the mapping, for those mappings whose first address is in the set.</summary>
    internal static Dictionary<ulong, MappingFlags> Read(int processId, IReadOnlySet<ulong> starts, out Errno error)
    {
        var found = new Dictionary<ulong, MappingFlags>();
        error = Errno.None;
        try
        {
            ReadLines(processId, starts, found);
        }
        catch (IOException)
        {
            error = Errno.NoProcess;
        }
        catch (UnauthorizedAccessException)
        {
            error = Errno.AccessDenied;
        }

        return found;
    }

    internal static MappingFlags Parse(ReadOnlySpan<char> words)
    {
        var flags = MappingFlags.None;
        foreach (Range range in words.Split(' '))
            flags |= FlagOf(words[range]);
        return flags;
    }

    private static void ReadLines(int processId, IReadOnlySet<ulong> starts, Dictionary<ulong, MappingFlags> found)
    {
        foreach ((AddressRange range, MappingFlags flags) in ReadAll(processId))
        {
            if (!starts.Contains(range.Start))
                continue;
            found[range.Start] = flags;
            if (found.Count == starts.Count)
                return;
        }
    }

    /// <summary>All mappings with their flags, one by one. Throws as the reading of a file does.</summary>
    internal static IEnumerable<(AddressRange Range, MappingFlags Flags)> ReadAll(int processId)
    {
        var current = default(AddressRange);
        foreach (string line in Syscall.ReadLines($"/proc/{processId}/smaps"))
        {
            if (line.StartsWith(Prefix, StringComparison.Ordinal))
                yield return (current, Parse(line.AsSpan(Prefix.Length)));
            else if (line[0] is not (>= 'A' and <= 'Z'))
                current = RangeOf(line);
        }
    }

    private static AddressRange RangeOf(string line)
    {
        const int hexadecimal = 16;
        int dash = line.IndexOf('-', StringComparison.Ordinal);
        int end = line.IndexOf(' ', StringComparison.Ordinal);
        return new AddressRange(
            Convert.ToUInt64(line[..dash], hexadecimal), Convert.ToUInt64(line[(dash + 1)..end], hexadecimal) - 1);
    }

    private static MappingFlags FlagOf(ReadOnlySpan<char> word) => word switch
    {
        "io" => MappingFlags.DeviceMemory,
        "pf" => MappingFlags.PageFrames,
        "mm" => MappingFlags.Mixed,
        "ht" => MappingFlags.HugeTlb,
        "dp" => MappingFlags.Droppable,
        "uw" => MappingFlags.WriteProtectRegistered,
        "wf" => MappingFlags.WipedOnFork,
        "dd" => MappingFlags.LeftOutOfCores,
        "rd" => MappingFlags.Readable,
        _ => MappingFlags.None,
    };
}
