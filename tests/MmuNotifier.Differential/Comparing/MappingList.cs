using MmuNotifier.Hmm;

namespace MmuNotifier.Differential;

/// <summary>Lists of mappings, comparable between implementations.</summary>
internal static class MappingList
{
    /// <summary>
    /// Joins neighbours that differ in nothing a program can see (the kernel keeps them apart for the history of their pages) and makes
    /// addresses relative.
    /// </summary>
    internal static List<Mapping> Normalize(IReadOnlyList<Mapping> mappings, ulong arena)
    {
        var joined = new List<Mapping>(mappings.Count);
        foreach (Mapping mapping in mappings)
        {
            Mapping relative = mapping with { Range = new AddressRange(mapping.Range.Start - arena, mapping.Range.Last - arena) };
            if (joined.Count > 0 && IsContinued(joined[^1], relative))
                joined[^1] = joined[^1] with { Range = joined[^1].Range.Hull(relative.Range) };
            else
                joined.Add(relative);
        }

        return joined;
    }

    private static bool IsContinued(in Mapping before, in Mapping after) =>
        before.Range.Last + 1 == after.Range.Start && before.Protection == after.Protection && before.IsShared == after.IsShared
        && before.Backing == after.Backing && before.PageOrder == after.PageOrder
        && (before.Backing != MappingBacking.File || before.FileOffset + (after.Range.Start - before.Range.Start) == after.FileOffset);
}
