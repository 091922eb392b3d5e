namespace MmuNotifier;

/// <summary>A place in the order of the tree that a notifier had until it moved, and the others of the same notifier.</summary>
internal sealed record FormerPlace(TreePlace Place, FormerPlace? Next);
