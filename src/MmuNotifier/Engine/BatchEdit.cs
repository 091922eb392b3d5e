namespace MmuNotifier;

/// <summary>One edit of a batch.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Notifier">To whom.</param>
/// <param name="Expected">For removal and move: the range that it must have.</param>
/// <param name="NewRange">For move and insertion: the range that it gets.</param>
internal readonly record struct BatchEdit(BatchEditKind Kind, IntervalNotifier Notifier, AddressRange Expected, AddressRange NewRange);
