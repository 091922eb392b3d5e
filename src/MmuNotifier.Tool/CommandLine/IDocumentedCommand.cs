namespace MmuNotifier.Tool.CommandLine;

/// <summary>What the help of a command has beside what the parser knows.</summary>
internal interface IDocumentedCommand
{
    /// <summary>What the command does. In a list of commands stands only its first sentence.</summary>
    string FullDescription { get; }

    /// <summary>At least one.</summary>
    IReadOnlyList<Example> Examples { get; }

    /// <summary>All that the command ends with.</summary>
    IReadOnlyList<ExitCodeLine> ExitCodes { get; }
}
