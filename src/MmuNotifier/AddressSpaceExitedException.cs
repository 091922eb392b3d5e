namespace MmuNotifier;

/// <summary>A notifier was inserted into an address space that has exited.</summary>
public sealed class AddressSpaceExitedException : InvalidOperationException
{
    internal AddressSpaceExitedException()
        : base("The address space has exited and takes no more notifiers; use TryInsert where this can happen in normal operation.")
    {
    }
}
