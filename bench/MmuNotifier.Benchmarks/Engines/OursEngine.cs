namespace MmuNotifier.Benchmarks.Engines;

/// <summary>The engine of this library.</summary>
internal readonly struct OursEngine : IEngine<OursEngine, InvalidationScope>
{
    private readonly AddressSpace _space;
    private readonly CountingNotifier[] _notifiers;
    private readonly WorkOrder _order;

    private OursEngine(AddressSpace space, CountingNotifier[] notifiers, WorkOrder order)
    {
        _space = space;
        _notifiers = notifiers;
        _order = order;
    }

    public static OursEngine Create(WorkOrder order) =>
        new(new AddressSpace(), order.InRandomOrder(() => new CountingNotifier()), order);

    public OursEngine Renewed() => new(_space, _order.InRandomOrder(() => new CountingNotifier()), _order);

    public void Insert(int position) =>
        _space.Insert(_notifiers[position], new AddressRange(_order.StartOf(position), _order.LastOf(position)));

    public void Remove(int position, CancellationToken giveUp) => _notifiers[position].Remove(giveUp);

    public void Settle() => _space.Synchronize();

    public InvalidationScope Start(ulong start, ulong last) =>
        _space.StartInvalidation(new AddressRange(start, last), InvalidationEvent.Clear);

    public void End(InvalidationScope scope) => scope.Dispose();

    public bool Read(int position, CancellationToken giveUp) => _notifiers[position].ReadBegin(giveUp).MustRetry;

    public bool Read(int position) => _notifiers[position].ReadBegin().MustRetry;

    public long CallsOf(int position) => _notifiers[position].Calls;
}
