namespace MmuNotifier.Processes;

/// <summary>Which mappings a program wants to have left out of its cores (MADV_DONTDUMP).</summary>
internal static class ExcludedMappings
{
    /// <summary>
    /// Where they are. The kernel counts the pages of every mapping on the way, so this is read while the process runs.
    /// </summary>
    /// <exception cref="CoreException">It cannot be read.</exception>
    internal static List<AddressRange> Find(int processId)
    {
        try
        {
            return [.. SmapsReader.ReadAll(processId)
                .Where(mapping => mapping.Flags.HasFlag(MappingFlags.LeftOutOfCores))
                .Select(mapping => mapping.Range)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CoreException($"What process {processId} excludes from its cores cannot be read: {exception.Message}", exception);
        }
    }
}
