namespace MmuNotifier.Exploration.Scenarios.Litmus;

/// <summary>Two threads add one: with compare-exchange both count; the defect reads and writes, and one is lost.</summary>
internal sealed class Counting : Scenario
{
    private AtomicInt64 _count;

    public override void Check() => Explore.Assert(_count.Read() == 2, $"counted {_count.Read()}");

    protected override IEnumerable<Action> Setup() => [AddOne, AddOne];

    private void AddOne()
    {
        if (Seeded.Has(LitmusDefects.Weakened))
        {
            _count.Write(_count.Read() + 1);
            return;
        }

        long seen = _count.Read();
        while (true)
        {
            long was = _count.CompareExchange(seen + 1, seen);
            if (was == seen)
                return;
            seen = was;
        }
    }
}
