using MmuNotifier.Benchmarks.Baseline;

namespace MmuNotifier.Benchmarks.Engines;

/// <summary>The kernel's algorithm.</summary>
internal readonly struct BaselineEngine : IEngine<BaselineEngine, BaselineScope>
{
    private readonly KernelSubscriptions _subscriptions;
    private readonly CountingKernelNotifier[] _notifiers;
    private readonly WorkOrder _order;

    private BaselineEngine(KernelSubscriptions subscriptions, CountingKernelNotifier[] notifiers, WorkOrder order)
    {
        _subscriptions = subscriptions;
        _notifiers = notifiers;
        _order = order;
    }

    public static BaselineEngine Create(WorkOrder order) =>
        new(new KernelSubscriptions(), order.InRandomOrder(() => new CountingKernelNotifier()), order);

    public BaselineEngine Renewed() => new(_subscriptions, _order.InRandomOrder(() => new CountingKernelNotifier()), _order);

    public void Insert(int position) =>
        _subscriptions.Insert(_notifiers[position], _order.StartOf(position), _order.LastOf(position));

    public void Remove(int position, CancellationToken giveUp) => _subscriptions.Remove(_notifiers[position], giveUp);

    public void Settle()
    {
        // Nothing is left to the background.
    }

    public BaselineScope Start(ulong start, ulong last)
    {
        _subscriptions.Start(start, last);
        return default;
    }

    public void End(BaselineScope scope) => _subscriptions.End();

    public bool Read(int position, CancellationToken giveUp)
    {
        CountingKernelNotifier notifier = _notifiers[position];
        return KernelSubscriptions.ReadRetry(notifier, _subscriptions.ReadBegin(notifier, giveUp));
    }

    public bool Read(int position) => Read(position, CancellationToken.None);

    public long CallsOf(int position) => _notifiers[position].Calls;
}
