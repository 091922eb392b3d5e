namespace MmuNotifier.Tool.Recording;

/// <summary>A file is no recording, or one that this version cannot read; the message is one line for the user.</summary>
internal sealed class RecordingException(string message) : Exception(message);
