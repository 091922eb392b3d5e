namespace MmuNotifier.Tool.CommandLine;

/// <summary>A line of the block of exit codes in a help text.</summary>
/// <param name="Code">A number, or several as text.</param>
/// <param name="Meaning">When the command ends with it, without a full stop.</param>
internal sealed record ExitCode(string Code, string Meaning)
{
    /// <summary>Of every command that launches no program.</summary>
    internal static readonly ExitCode Refused = new("2", "it could not be done, or bad command line; one line says why");
}
