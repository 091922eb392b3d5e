namespace MmuNotifier.Tests.Linearisability;

/// <summary>The engine, with notifiers, invalidations and sections that operations name by number.</summary>
internal sealed class EngineSpace
{
    private readonly Lazy<IReadOnlyList<Call>> _finalNotifiers;

    public EngineSpace(int notifiers, int pause = 0)
    {
        Notifiers = [.. Enumerable.Range(0, notifiers).Select(id => new EngineNotifier(id) { Pause = pause })];
        _finalNotifiers = new Lazy<IReadOnlyList<Call>>(() => Find(AddressRange.Whole));
    }

    public AddressSpace Space { get; } = new();

    public EngineNotifier[] Notifiers { get; }

    /// <summary>Notifiers whose place another one has taken.</summary>
    public List<EngineNotifier> Replaced { get; } = [];

    public Dictionary<int, InvalidationScope> Active { get; } = [];

    public Dictionary<int, ReadSection> Sections { get; } = [];

    /// <summary>What is inserted when all operations are over; several permutations are compared with it, also in parallel.</summary>
    public IReadOnlyList<Call> FinalNotifiers => _finalNotifiers.Value;

    public List<Call> Find(AddressRange range)
    {
        List<Call> found = [];
        foreach (FoundNotifier notifier in Space.Find(range))
            found.Add(new Call(((EngineNotifier)notifier.Notifier).Id, notifier.Range));
        return found;
    }

    public override string ToString() => string.Join(' ', Find(AddressRange.Whole));
}
