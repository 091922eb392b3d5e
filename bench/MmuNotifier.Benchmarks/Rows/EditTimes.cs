namespace MmuNotifier.Benchmarks;

/// <summary>What some insertions and as many removals took together.</summary>
internal struct EditTimes
{
    internal long Operations;
    internal long InsertTicks;
    internal long InsertBytes;
    internal long Removals;
    internal long RemoveTicks;
    internal long RemoveBytes;

    internal readonly double InsertNanoseconds => Ticks.ToNanoseconds((double)InsertTicks / Operations);

    internal readonly double RemoveNanoseconds => Ticks.ToNanoseconds((double)RemoveTicks / Removals);
}
