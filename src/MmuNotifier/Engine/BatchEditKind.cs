namespace MmuNotifier;

internal enum BatchEditKind
{
    Remove,
    Move,
    Insert,
}
