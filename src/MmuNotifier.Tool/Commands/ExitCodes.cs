namespace MmuNotifier.Tool.Commands;

/// <summary>The exit codes of mmun.</summary>
internal static class ExitCodes
{
    /// <summary>Done, and nothing differs.</summary>
    internal const int Success = 0;

    /// <summary>What the command checks is wrong: a page of the mirror differs, events were lost, a test failed, a hit was stale.</summary>
    internal const int Differs = 1;

    /// <summary>It could not be done, or nothing was checked; one line on standard error says why.</summary>
    internal const int Impossible = 2;
}
