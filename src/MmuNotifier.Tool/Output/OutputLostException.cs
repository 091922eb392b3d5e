namespace MmuNotifier.Tool.Output;

/// <summary>Standard output or standard error cannot be written. The command ends, with one line and exit code 2.</summary>
internal sealed class OutputLostException(string message) : IOException(message);
