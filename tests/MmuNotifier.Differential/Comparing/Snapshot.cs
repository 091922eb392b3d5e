using System.Globalization;
using MmuNotifier.Hmm;

namespace MmuNotifier.Differential;

/// <summary>Everything that a program can find out about its arena and its files, at one moment.</summary>
/// <param name="Mappings">The mappings, relative to the arena, normalised.</param>
/// <param name="Bytes">The arena; <see cref="Outcome.Unread"/> where it cannot be read.</param>
/// <param name="ChildMappings">The child's; null without a child.</param>
/// <param name="ChildBytes">The child's; null without a child.</param>
/// <param name="Files">The content of each file.</param>
public sealed record Snapshot(
    IReadOnlyList<Mapping> Mappings, byte[] Bytes, IReadOnlyList<Mapping>? ChildMappings, byte[]? ChildBytes, byte[][] Files)
{
    /// <summary>How two snapshots differ; null if they do not.</summary>
    public string? DescribeDifference(Snapshot actual)
    {
        ArgumentNullException.ThrowIfNull(actual);
        string? difference = Describe("mapping", Mappings, actual.Mappings) ?? Describe("arena", Bytes, actual.Bytes);
        if (difference is null && ChildMappings is not null)
            difference = Describe("child's mapping", ChildMappings, actual.ChildMappings!)
                ?? Describe("child's arena", ChildBytes!, actual.ChildBytes!);
        for (int i = 0; i < Files.Length && difference is null; i++)
            difference = Describe(string.Create(CultureInfo.InvariantCulture, $"file {i + 1}"), Files[i], actual.Files[i]);
        return difference;
    }

    private static string? Describe(string what, IReadOnlyList<Mapping> expected, IReadOnlyList<Mapping> actual)
    {
        for (int i = 0; i < Math.Max(expected.Count, actual.Count); i++)
        {
            string one = i < expected.Count ? Shown(expected[i]) : "none";
            string other = i < actual.Count ? Shown(actual[i]) : "none";
            if (one != other)
                return string.Create(CultureInfo.InvariantCulture, $"{what} {i}: {one} against {other}");
        }

        return null;
    }

    private static string? Describe(string what, byte[] expected, byte[] actual)
    {
        int at = expected.AsSpan().CommonPrefixLength(actual);
        if (at == expected.Length && at == actual.Length)
            return null;
        if (at == expected.Length || at == actual.Length)
            return string.Create(CultureInfo.InvariantCulture, $"{what}: {expected.Length} bytes against {actual.Length}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{what}, page {at / MirroredMemory.PageBytes}, byte 0x{at % MirroredMemory.PageBytes:x}: 0x{expected[at]:x2} against "
                + $"0x{actual[at]:x2}");
    }

    private static string Shown(in Mapping mapping) => string.Create(
        CultureInfo.InvariantCulture,
        $"{mapping.Range} {mapping.Protection}{(mapping.IsShared ? " shared" : "")} {mapping.Backing} offset 0x{mapping.FileOffset:x}");
}
