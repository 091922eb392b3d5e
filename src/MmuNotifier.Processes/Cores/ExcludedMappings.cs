using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>Which memory a program wants to have left out of its cores (MADV_DONTDUMP).</summary>
internal sealed class ExcludedMappings
{
    internal RangeSet All { get; } = new();

    /// <summary>The part that the program cannot read: reserved, or forbidden.</summary>
    internal RangeSet Unreadable { get; } = new();

    /// <summary>
    /// Where they are. The kernel counts the pages of every mapping on the way (8 to 20 ms a gigabyte of small pages were seen), so this is
    /// read while the process runs.
    /// </summary>
    /// <exception cref="CoreException">It cannot be read.</exception>
    internal static ExcludedMappings Read(int processId)
    {
        var excluded = new ExcludedMappings();
        try
        {
            foreach ((AddressRange range, MappingFlags flags) in SmapsReader.ReadAll(processId))
            {
                if (!flags.HasFlag(MappingFlags.LeftOutOfCores))
                    continue;
                excluded.All.Add(range);
                if (!flags.HasFlag(MappingFlags.Readable))
                    excluded.Unreadable.Add(range);
            }

            return excluded;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CoreException($"What process {processId} excludes from its cores cannot be read: {exception.Message}", exception);
        }
    }

    internal void Remove(AddressRange range)
    {
        All.Remove(range);
        Unreadable.Remove(range);
    }
}
