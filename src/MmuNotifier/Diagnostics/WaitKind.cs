namespace MmuNotifier;

/// <summary>What a call waits for.</summary>
internal enum WaitKind
{
    /// <summary>A read section, for the end of invalidations.</summary>
    ReadSection,

    /// <summary>A removal, for calls of the notifier that run.</summary>
    Removal,

    /// <summary><see cref="AddressSpace.Synchronize"/>, for notifiers to be released.</summary>
    Release,
}
