using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>Which mappings a program wants to have left out of its cores (MADV_DONTDUMP).</summary>
internal static class ExcludedMappings
{
    private const string FlagsPrefix = "VmFlags: ";

    /// <summary>
    /// Where they are. The kernel counts the pages of every mapping on the way, so this is read while the process runs; a mapping
    /// that it excludes after that is in the core.
    /// </summary>
    internal static List<AddressRange> Find(int processId)
    {
        var excluded = new List<AddressRange>();
        try
        {
            var current = default(AddressRange);
            foreach (string line in Syscall.ReadLines($"/proc/{processId}/smaps"))
            {
                if (line.StartsWith(FlagsPrefix, StringComparison.Ordinal))
                {
                    if (IsExcluded(line.AsSpan(FlagsPrefix.Length)))
                        excluded.Add(current);
                }
                else if (line[0] is not (>= 'A' and <= 'Z'))
                {
                    current = RangeOf(line);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CoreException($"What process {processId} excludes from its cores cannot be read: {exception.Message}", exception);
        }

        return excluded;
    }

    private static AddressRange RangeOf(string line)
    {
        const int hexadecimal = 16;
        int dash = line.IndexOf('-', StringComparison.Ordinal);
        int end = line.IndexOf(' ', StringComparison.Ordinal);
        return new AddressRange(
            Convert.ToUInt64(line[..dash], hexadecimal), Convert.ToUInt64(line[(dash + 1)..end], hexadecimal) - 1);
    }

    /// <summary>The kernel shows dd for its own mappings of devices as well; those have no content in a core anyway.</summary>
    private static bool IsExcluded(ReadOnlySpan<char> flags)
    {
        foreach (Range flag in flags.Split(' '))
        {
            if (flags[flag] is "dd")
                return true;
        }

        return false;
    }
}
