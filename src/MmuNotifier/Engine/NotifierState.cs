namespace MmuNotifier;

/// <summary>Where in its one life a notifier is; see <see cref="Notifier"/>.</summary>
internal enum NotifierState : byte
{
    New,
    Inserted,
    Removing,
    Quiet,
    Released,
}
