using System.CommandLine;

namespace MmuNotifier.Tool.CommandLine;

/// <summary>A command whose help ends with examples and with its exit codes.</summary>
/// <param name="name">One word.</param>
/// <param name="summary">A sentence, for lists of commands and as the first of the help.</param>
/// <param name="examples">At least one.</param>
/// <param name="exitCodes">All that the command ends with.</param>
/// <param name="details">What its own help says beside the summary: sentences, or nothing.</param>
internal sealed class ToolCommand(
    string name, string summary, IReadOnlyList<Example> examples, IReadOnlyList<ExitCodeLine> exitCodes, string details = "")
    : Command(name, summary), IDocumentedCommand
{
    /// <summary>
    /// The exit code for bad use, and for what cannot be done, when the command is used in this way. Null: always
    /// <see cref="Commands.ExitCodes.Impossible"/>.
    /// </summary>
    internal Func<ParseResult, int>? FailureCode { get; set; }

    public string FullDescription { get; } = details.Length == 0 ? summary : $"{summary} {details}";

    public IReadOnlyList<Example> Examples { get; } = examples;

    public IReadOnlyList<ExitCodeLine> ExitCodes { get; } = exitCodes;
}
