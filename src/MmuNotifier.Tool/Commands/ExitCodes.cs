namespace MmuNotifier.Tool.Commands;

/// <summary>The exit codes of mmun.</summary>
internal static class ExitCodes
{
    /// <summary>Done, and nothing differs.</summary>
    internal const int Success = 0;

    /// <summary>A page of the mirror differs from the target's memory, or events were lost.</summary>
    internal const int Differs = 1;

    /// <summary>It could not be done, or nothing was checked; one line on standard error says why.</summary>
    internal const int Impossible = 2;
}
