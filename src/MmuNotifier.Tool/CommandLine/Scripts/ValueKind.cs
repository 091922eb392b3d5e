namespace MmuNotifier.Tool.CommandLine.Scripts;

/// <summary>What a shell can offer for the value of an option.</summary>
internal enum ValueKind
{
    /// <summary>Nothing: a number, a time.</summary>
    Other,

    /// <summary>One of certain words.</summary>
    Word,

    /// <summary>The number of a process.</summary>
    Process,

    /// <summary>A path.</summary>
    File,
}
