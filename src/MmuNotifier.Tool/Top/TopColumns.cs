namespace MmuNotifier.Tool.Top;

/// <summary>How wide each column of the rows is; 0 for one that is not shown.</summary>
internal sealed record TopColumns(
    int Name, int Address, int Permissions, int Size, int Written, int Trend, int Events, int Growth, int Heat)
{
    /// <summary>The least width with all that is needed to read the rows.</summary>
    internal const int LeastWidth = 60;

    internal const int Resident = 6;
    private const int Wide = 120, Middle = 80, VeryWide = 160;

    /// <summary>The columns of a width: what is wide takes what is left, between the heat and the name.</summary>
    internal static TopColumns For(int width)
    {
        var columns = new TopColumns(
            Name: 0,
            Address: width >= Wide ? 12 : 0,
            Permissions: width >= Wide ? 4 : 0,
            Size: width >= Middle ? 6 : 0,
            Written: 7,
            Trend: width >= VeryWide ? 24 : width >= Wide ? 16 : width >= Middle ? 8 : 0,
            Events: 5,
            Growth: width >= Middle ? 7 : 0,
            Heat: 0);
        int[] given = [columns.Address, columns.Permissions, columns.Size, Resident, columns.Written, columns.Trend, columns.Events,
            columns.Growth];
        int left = width - given.Sum() - given.Count(each => each > 0) - 1;
        int name = Math.Clamp(left * 2 / 5, 14, 48);
        return columns with { Name = Math.Min(name, left), Heat = Math.Max(0, left - name) };
    }
}
