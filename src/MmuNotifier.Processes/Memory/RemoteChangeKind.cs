namespace MmuNotifier.Processes;

/// <summary>What a <see cref="RemoteChange"/> is.</summary>
internal enum RemoteChangeKind
{
    /// <summary>The process changed its memory.</summary>
    Changed,

    /// <summary>The process touched a page that a device has.</summary>
    Touched,

    /// <summary>All events that were read together with those before.</summary>
    BatchDone,

    /// <summary>The address space has gone.</summary>
    Exited,
}
