namespace MmuNotifier.Tool.CommandLine;

/// <summary>A line of the block of exit codes in a help text.</summary>
/// <param name="Code">A number, or several as text.</param>
/// <param name="Meaning">When the command ends with it, without a full stop. Empty: the line is a heading of those that follow.</param>
internal sealed record ExitCodeLine(string Code, string Meaning)
{
    /// <summary>Of every command that launches no program.</summary>
    internal static readonly ExitCodeLine Refused = new("2", "it could not be done, or bad command line; one line says why");

    /// <summary>Of commands that pass on the exit code of a program that they launch.</summary>
    internal static readonly ExitCodeLine[] PassedOn =
    [
        new("N", "the program's own; 128 + the number of the signal that ended it"),
        new("126", "the program may not be executed"),
        new("127", "there is no such program"),
    ];

    /// <summary>Of commands that stop when they are asked to, and print what they have.</summary>
    internal static readonly ExitCodeLine Interrupted = new("130, 143", "interrupted by Ctrl-C, by SIGTERM; nothing was wrong until then");
}
