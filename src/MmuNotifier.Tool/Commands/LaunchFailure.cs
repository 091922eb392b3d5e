using MmuNotifier.Processes;

namespace MmuNotifier.Tool.Commands;

/// <summary>Which exit code says why a program was not launched, where its own code would be passed on.</summary>
internal static class LaunchFailure
{
    /// <param name="program">As it was asked for.</param>
    internal static int CodeOf(string program) => ProgramPath.CanResolve(program) ? ExitCodes.OwnFailure
        : ProgramPath.Exists(program) ? ExitCodes.NotExecutable
        : ExitCodes.NotFound;
}
