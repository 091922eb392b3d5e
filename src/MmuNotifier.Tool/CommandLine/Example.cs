namespace MmuNotifier.Tool.CommandLine;

/// <summary>A command line to copy.</summary>
/// <param name="Line">The whole line.</param>
/// <param name="Meaning">What it does, without a full stop.</param>
internal sealed record Example(string Line, string Meaning);
