namespace MmuNotifier.Tests.Shared;

/// <summary>The mappings of this process, /proc/self/maps.</summary>
internal static class MapsFile
{
    /// <summary>Counts the mappings that meet the bytes from the start on. Those elsewhere are not counted: other threads map what they like.</summary>
    internal static int CountMappings(ulong start, ulong bytes) => File.ReadLines("/proc/self/maps").Count(line =>
    {
        int dash = line.IndexOf('-', StringComparison.Ordinal);
        ulong first = Convert.ToUInt64(line[..dash], 16);
        ulong end = Convert.ToUInt64(line[(dash + 1)..line.IndexOf(' ', StringComparison.Ordinal)], 16);
        return first < start + bytes && start < end;
    });
}
