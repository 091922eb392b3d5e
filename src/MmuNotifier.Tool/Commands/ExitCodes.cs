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

    /// <summary>
    /// In the place of <see cref="Differs"/> and <see cref="Impossible"/> where a launched program's own exit code is passed on, as env and
    /// timeout have it.
    /// </summary>
    internal const int OwnFailure = 125;

    /// <summary>Where a launched program's own exit code is passed on: there is the program, but it may not be executed.</summary>
    internal const int NotExecutable = 126;

    /// <summary>Where a launched program's own exit code is passed on: there is no such program.</summary>
    internal const int NotFound = 127;
}
