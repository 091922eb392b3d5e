namespace MmuNotifier.Exploration.Scenarios.Registration;

/// <summary>
/// Two threads look up what is kept, one of them after an announced change, while a third removes it. What a look-up finds is fresh and not
/// released in use; no look-up registers anything.
/// </summary>
internal sealed class CacheTryGetAgainstRemoval : CacheScenario
{
    protected override IEnumerable<Action> Setup()
    {
        GetAndPut(Both);
        return [LookUp, ChangeAndLookUp, Remove];
    }

    public override void Check()
    {
        Cache.DoSignalledWork();
        Explore.Assert(Cache.Count == 0, "a removed registration is kept");
        Explore.Assert(RegisterCalls == 1, "TryGet has registered");
        RequireAllReleased("a registration is never released");
    }

    private void LookUp()
    {
        TryGetAndPut(Both);
        Cache.DoSignalledWork(); // A hold that came too late is the cache's thread's to follow.
    }

    private void ChangeAndLookUp()
    {
        ChangeAndAnnounce(0);
        Explore.Assert(!TryGetAndPut(Both), "TryGet has found what a change took out");
        Cache.DoSignalledWork();
    }

    private void Remove() => Cache.Remove(Both);
}
