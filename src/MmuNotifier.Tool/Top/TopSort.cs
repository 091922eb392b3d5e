namespace MmuNotifier.Tool.Top;

/// <summary>By what the rows are sorted.</summary>
internal enum TopSort
{
    Activity,
    Written,
    Events,
    Growth,
    Resident,
    Size,
    Address,
    Name,
}
