using MmuNotifier.Exploration.Scenarios.Engine;
using MmuNotifier.Exploration.Scenarios.Litmus;

namespace MmuNotifier.Exploration.Scenarios;

/// <summary>All scenarios by name, and which of them are to catch which defect.</summary>
internal static class ScenarioRegistry
{
    /// <summary>Scenarios of the engine: what explore and mutations run by default.</summary>
    public static IReadOnlyList<Func<Scenario>> Engine { get; } =
    [
        () => new BatchInheritance(),
        () => new DeferredRemovalFindSynchronize(),
        () => new EditDuringGather(),
        () => new ExitAgainstInsert(),
        () => new FailedReport(),
        () => new GrowAgainstInvalidation(),
        () => new HeirIsRemoved(),
        () => new InheritedTwice(),
        () => new InsertAgainstInvalidation(),
        () => new LookWhileObjectIsReused(),
        () => new MoveAgainstInvalidation(),
        () => new MoveAwayReleasesReader(),
        () => new NestedInWholeSpaceEnd(),
        () => new NonBlockableRefusal(),
        () => new OpenReadAgainstInvalidations(),
        () => new OriginSections(),
        () => new OwnerMigrationAgainstCut(),
        () => new PartReadAgainstInvalidations(),
        () => new PartReadAgainstManyInvalidations(),
        () => new PartReadWhileElsewhereIsActive(),
        () => new ReadAgainstCut(),
        () => new ReadAgainstExit(),
        () => new ReadAgainstInsert(),
        () => new ReadAgainstInvalidation(),
        () => new ReadAgainstMove(),
        () => new ReadAgainstRemoval(),
        () => new ReadWhileObjectIsReused(),
        () => new RefusalAgainstRemoval(),
        () => new RemovalAgainstCallback(),
        () => new RemovalSeesCallback(hasSecondStep: false),
        () => new RemovalSeesCallback(hasSecondStep: true),
        () => new RemovalWhileObjectIsReused(),
        () => new TwoHoles(usesBatch: false),
        () => new TwoHoles(usesBatch: true),
        () => new TwoReadersOneInvalidation(),
        () => new TwoRemoversOneCallback(),
        () => new WaitingReader(),
        () => new WholeSpaceRegistration(),
        () => new WholeSpaceRemoval(),
    ];

    /// <summary>Scenarios that prove the explorer itself: each fails with <see cref="LitmusDefects.Weakened"/> unless it says otherwise, and never without.</summary>
    public static IReadOnlyList<Func<Scenario>> Litmus { get; } =
    [
        () => new StoreBuffering(),
        () => new AsymmetricDekker(),
        () => new MessagePassing(isReleaseWeakened: true),
        () => new MessagePassing(isReleaseWeakened: false),
        () => new IndependentReads(),
        () => new CoherentReads(),
        () => new Counting(),
        () => new ExchangeAsFence(),
        () => new WakeUp(),
        () => new LockOrder(),
        () => new Workload(),
    ];

    /// <summary>The scenarios to run for a defect, by name; a defect that is not here is looked for by all of the engine's.</summary>
    public static IReadOnlyDictionary<SeededDefect, string[]> ByDefect { get; } = new Dictionary<SeededDefect, string[]>
    {
    };

    /// <summary>Defects that the model cannot show, with the reason: not being caught is no failure.</summary>
    public static IReadOnlyDictionary<SeededDefect, string> OutsideTheModel { get; } = new Dictionary<SeededDefect, string>
    {
    };

    public static IEnumerable<Func<Scenario>> All => [.. Engine, .. Litmus];

    public static Func<Scenario>? Find(string name) => All.FirstOrDefault(factory => factory().Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    public static IReadOnlyList<Func<Scenario>> For(SeededDefect defect)
    {
        if (!ByDefect.TryGetValue(defect, out string[]? names))
            return Engine;
        return [.. names.Select(name => Find(name) ?? throw new InvalidOperationException($"{defect} names the scenario {name}, which there is not."))];
    }
}
