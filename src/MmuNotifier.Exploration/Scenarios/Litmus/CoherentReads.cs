namespace MmuNotifier.Exploration.Scenarios.Litmus;

/// <summary>CoRR: reads of one word never go back, however relaxed, and writers agree on the order.</summary>
internal sealed class CoherentReads : Scenario
{
    private AtomicInt64 _x;

    protected override IEnumerable<Action> Setup() => [WriteTwice, ReadThrice, ReadThrice];

    private void WriteTwice()
    {
        _x.WriteRelaxed(1);
        _x.WriteRelaxed(2);
    }

    private void ReadThrice()
    {
        long first = _x.ReadRelaxed();
        long second = _x.ReadRelaxed();
        long third = _x.Read();
        Explore.Assert(first <= second && second <= third, $"went back: {first} {second} {third}");
    }
}
