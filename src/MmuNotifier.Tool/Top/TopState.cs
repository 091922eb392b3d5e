namespace MmuNotifier.Tool.Top;

/// <summary>What the user has chosen.</summary>
internal sealed record TopState
{
    internal TopSort Sort { get; init; }

    /// <summary>Only mappings whose name, permissions or addresses contain it; empty for all.</summary>
    internal string Filter { get; init; } = "";

    /// <summary>Whether keys go to the filter.</summary>
    internal bool IsFiltering { get; init; }

    internal bool IsPaused { get; init; }

    internal bool ShowsHelp { get; init; }

    /// <summary>The number of the selected mapping; 0 for the first row.</summary>
    internal int Selected { get; init; }

    /// <summary>Whether the selected mapping is shown page by page.</summary>
    internal bool ShowsPages { get; init; }

    /// <summary>By how many lines the pages are scrolled.</summary>
    internal int PageLine { get; init; }

    /// <summary>Whether the user has asked to end.</summary>
    internal bool IsOver { get; init; }
}
