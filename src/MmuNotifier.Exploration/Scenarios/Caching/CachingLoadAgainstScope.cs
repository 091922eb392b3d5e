using MmuNotifier.Caching;

namespace MmuNotifier.Exploration.Scenarios.Caching;

/// <summary>A value is looked up by two threads while the source changes inside a scope of one of its names.</summary>
internal sealed class CachingLoadAgainstScope(string kind) : CachingScenario
{
    public override string Name => $"CachingLoadAgainstScopeOf{kind}";

    protected override IEnumerable<Action> Setup()
    {
        CacheName name = kind switch
        {
            "Key" => CacheName.Key(Key),
            "Tag" => CacheName.Tag(Tag),
            "Segment" => CacheName.Prefix("a:"),
            _ => CacheName.Prefix("a"),
        };
        return [LookUp, ChangeThenLookUp];

        void ChangeThenLookUp()
        {
            ChangeInside(name);
            LookUp();
        }
    }
}
