namespace MmuNotifier;

/// <summary>A place in the order of the <see cref="IntervalTree"/>: no two notifiers ever have the same one.</summary>
/// <param name="Start">The start of the notifier.</param>
/// <param name="Stamp">When it got it; breaks ties.</param>
internal readonly record struct TreePlace(ulong Start, long Stamp)
{
    public bool IsAfter(TreePlace other) => Start != other.Start ? Start > other.Start : Stamp > other.Stamp;
}
