using System.CommandLine;

namespace MmuNotifier.Tool.CommandLine;

/// <summary><c>mmun</c> itself.</summary>
internal sealed class ToolRoot(string description, IReadOnlyList<Example> examples, IReadOnlyList<ExitCodeLine> exitCodes)
    : RootCommand(description), IDocumentedCommand
{
    public string FullDescription { get; } = description;

    public IReadOnlyList<Example> Examples { get; } = examples;

    public IReadOnlyList<ExitCodeLine> ExitCodes { get; } = exitCodes;
}
