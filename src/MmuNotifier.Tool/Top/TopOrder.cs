using System.Globalization;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Reporting;

namespace MmuNotifier.Tool.Top;

/// <summary>Which rows are shown, and in which order.</summary>
internal static class TopOrder
{
    internal static List<TopRow> Of(TopModel model, TopState state)
    {
        IEnumerable<TopRow> rows = model.Rows.Where(row => IsShown(row.Mapping, state.Filter));
        IOrderedEnumerable<TopRow> sorted = state.Sort switch
        {
            TopSort.Activity => rows.OrderByDescending(row => row.Activity).ThenByDescending(row => row.WrittenPages)
                .ThenByDescending(row => row.ResidentPages),
            TopSort.Written => rows.OrderByDescending(row => row.WrittenPagesPerSecond).ThenByDescending(row => row.WrittenPages),
            TopSort.Events => rows.OrderByDescending(row => row.EventsPerSecond).ThenByDescending(row => row.Events.Total),
            TopSort.Growth => rows.OrderByDescending(row => row.GrowthPages),
            TopSort.Resident => rows.OrderByDescending(row => row.ResidentPages),
            TopSort.Size => rows.OrderByDescending(row => row.SizePages),
            TopSort.Name => rows.OrderBy(row => row.Mapping.Name, StringComparer.Ordinal),
            _ => rows.OrderBy(row => row.Mapping.Range.Start),
        };
        // Rows that are alike must not change places.
        return [.. sorted.ThenBy(row => row.Mapping.Range.Start)];
    }

    private static bool IsShown(in LiveMapping mapping, string filter)
    {
        if (filter.Length == 0 || mapping.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)
            || MappingText.Permissions(in mapping).Contains(filter, StringComparison.Ordinal))
            return true;
        string digits = filter.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? filter[2..] : filter;
        return (ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong address)
                && mapping.Range.Contains(address))
            || MappingText.Address(mapping.Range.Start).Contains(digits, StringComparison.OrdinalIgnoreCase);
    }
}
