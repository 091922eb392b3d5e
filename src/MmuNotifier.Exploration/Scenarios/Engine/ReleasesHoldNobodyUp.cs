using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// The Released handler of one notifier waits for that of another, which is removed later; and the system gives no further thread at first.
/// </summary>
internal sealed class ReleasesHoldNobodyUp : Scenario
{
    private readonly AddressSpace _space;
    private Handler _first = null!;
    private Handler _second = null!;
    private bool _isRefused;
    private int _refusals = 1;

    public ReleasesHoldNobodyUp()
    {
        _space = new AddressSpace(new ReleaseWorkers(Start));
    }

    public override void Check() => Explore.Assert(_first.IsReleased && _second.IsReleased, "a handler was held up by another");

    protected override IEnumerable<Action> Setup()
    {
        _second = new Handler(null);
        _first = new Handler(_second);
        _space.Insert(_first, ScenarioDevice.Range(0, 1));
        _space.Insert(_second, ScenarioDevice.Range(2, 3));
        _isRefused = true;
        return [RemoveFirst, RemoveSecond];
    }

    private void RemoveFirst() => _first.RemoveDeferred();

    private void RemoveSecond()
    {
        _second.RemoveDeferred();
        _space.Synchronize();
        Explore.Assert(_second.IsReleased, "Synchronize returned before Released");
    }

    private void Start(Action body, string name)
    {
        if (_isRefused && _refusals-- > 0)
            throw new InsufficientMemoryException();
        BackgroundThread.Start(body, name);
    }

    private sealed class Handler(Handler? waitsFor) : IntervalNotifier
    {
        public bool IsReleased { get; private set; }

        protected internal override InvalidateResult Invalidate(in Invalidation invalidation) => InvalidateResult.Done;

        protected override void Released()
        {
            if (waitsFor is not null)
                Explore.WaitUntil(() => waitsFor.IsReleased);
            IsReleased = true;
        }
    }
}
