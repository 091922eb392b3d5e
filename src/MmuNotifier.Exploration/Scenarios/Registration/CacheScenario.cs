using MmuNotifier.Registration;

namespace MmuNotifier.Exploration.Scenarios.Registration;

/// <summary>
/// A registration cache over two pages. The oracle: a get that begins after a change returned (for this thread's eyes) describes the pages
/// as they are since; nothing is released in use, and everything once that is not kept.
/// </summary>
internal abstract class CacheScenario : Scenario, ISplittingRegistrationProvider<ModelRegistration>
{
    protected const int PageCount = 2;
    private const ulong PageBytes = 0x1000;

    private readonly AtomicInt64[] _contents = new AtomicInt64[PageCount];
    private readonly AtomicInt64[] _returned = new AtomicInt64[PageCount];
    private readonly List<ModelRegistration> _made = [];

    protected CacheScenario(long maxBytes = long.MaxValue, TimeSpan drainTimeout = default)
    {
        var space = new AddressSpace();
        Watch = new ModelWatch(space);
        var options = new RegistrationCacheOptions { MaxRegisterAttempts = 2, MaxBytes = maxBytes, DrainTimeout = drainTimeout };
        Cache = new RegistrationCache<ModelRegistration>(Watch, this, options, logger: null, isPassive: true);
    }

    protected ModelWatch Watch { get; }

    protected RegistrationCache<ModelRegistration> Cache { get; }

    protected static AddressRange Page(int page) => Pages(page, page);

    protected static AddressRange Both => Pages(0, PageCount - 1);

    /// <summary>
    /// Whether the changing thread settles afterwards, so that the last put must have released, or signalled the cache's thread.
    /// </summary>
    protected virtual bool LeavesNothingToSettle => false;

    public override void Check()
    {
        Cache.DoSignalledWork();
        if (LeavesNothingToSettle)
            RequireSettled();
        GetAndPut(Both);
        Cache.Settle();
        RequireSettled();
        Cache.Clear();
        RequireAllReleased("a registration is never released");
    }

    public ModelRegistration Register(AddressRange range)
    {
        RegisterCalls++;
        var versions = new long[PageCount];
        for (int page = First(range); page <= Last(range); page++)
            versions[page] = _contents[page].Read();
        return Made(versions);
    }

    public bool TrySplit(ModelRegistration registration, AddressRange range, AddressRange partRange, out ModelRegistration part)
    {
        part = Made([.. registration.Versions]);
        return true;
    }

    public virtual void Release(ModelRegistration registration, AddressRange range) => registration.Release();

    /// <summary>A change that is reported inside its call.</summary>
    protected void Change(int page)
    {
        using (Watch.Space.StartInvalidation(Page(page), InvalidationEvent.Unmap))
            _contents[page].Write(_contents[page].ReadRelaxed() + 1);
        _returned[page].Write(_contents[page].ReadRelaxed());
    }

    /// <summary>A change that has returned when it is announced.</summary>
    protected void ChangeAndAnnounce(int page)
    {
        _contents[page].Write(_contents[page].ReadRelaxed() + 1);
        Watch.Announce(Page(page));
        _returned[page].Write(_contents[page].ReadRelaxed());
    }

    protected void GetAndPut(AddressRange range)
    {
        using RegistrationLease<ModelRegistration> lease = Get(range);
        lease.Registration.Use();
    }

    protected RegistrationLease<ModelRegistration> Get(AddressRange range)
    {
        long[] atLeast = ReadReturned(range);
        RegistrationLease<ModelRegistration> lease = Cache.Get(range);
        RequireFresh(lease.Registration, range, atLeast);
        return lease;
    }

    /// <summary>Uses what TryGet finds, if it finds anything; nothing may be registered for it.</summary>
    /// <returns>Whether it has found anything.</returns>
    protected bool TryGetAndPut(AddressRange range)
    {
        long[] atLeast = ReadReturned(range);
        if (!Cache.TryGet(range, out RegistrationLease<ModelRegistration> lease))
            return false;
        using (lease)
        {
            RequireFresh(lease.Registration, range, atLeast);
            lease.Registration.Use();
        }

        return true;
    }

    /// <summary>How often the provider was asked to register; splits do not count.</summary>
    protected int RegisterCalls { get; private set; }

    protected void RequireAllReleased(string otherwise) => Explore.Assert(_made.All(each => each.IsReleased), otherwise);

    private long[] ReadReturned(AddressRange range)
    {
        var returned = new long[PageCount];
        for (int page = First(range); page <= Last(range); page++)
            returned[page] = _returned[page].Read();
        return returned;
    }

    private static void RequireFresh(ModelRegistration registration, AddressRange range, long[] atLeast)
    {
        for (int page = First(range); page <= Last(range); page++)
        {
            bool isStale = registration.Versions[page] < atLeast[page];
            Explore.Assert(!isStale, $"the registration is of page {page} before a change that had returned");
        }
    }

    private void RequireSettled()
    {
        int living = _made.Count(each => !each.IsReleased);
        Explore.Assert(living == Cache.Count, $"{living} registrations are not released, and {Cache.Count} are kept");
    }

    private ModelRegistration Made(long[] versions)
    {
        var registration = new ModelRegistration(versions);
        _made.Add(registration);
        return registration;
    }

    private static AddressRange Pages(int first, int last) => new((ulong)(first + 1) * PageBytes, ((ulong)(last + 2) * PageBytes) - 1);

    private static int First(AddressRange range) => (int)(range.Start / PageBytes) - 1;

    private static int Last(AddressRange range) => (int)(range.Last / PageBytes) - 1;
}
