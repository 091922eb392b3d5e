namespace MmuNotifier;

/// <summary>Where in its one life a notifier is; see <see cref="Notifier"/>.</summary>
internal enum NotifierState
{
    New,
    Inserted,
    Removing,
    Quiet,
    Released,
}
