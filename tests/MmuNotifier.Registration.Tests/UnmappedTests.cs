namespace MmuNotifier.Registration.Tests;

public sealed class UnmappedTests : CacheTest
{
    [Fact]
    public void Memory_that_is_not_there_is_refused_and_the_provider_not_asked()
    {
        RegistrationCache<Pin> cache = Make();
        Watch.Covers = _ => false;
        Watch.Mapped = _ => false;
        RequireRefused(cache, Pages(1, 1));
        Watch.Failure = "gone";
        RequireRefused(cache, Pages(1, 1));
    }

    [Fact]
    public void Whole_space_is_refused_by_any_watch()
    {
        RegistrationCache<Pin> cache = Make();
        Watch.Covers = _ => false;
        RequireRefused(cache, AddressRange.Whole);
        RequireRefused(cache, new AddressRange(Page, ulong.MaxValue));
    }

    [Fact]
    public void Memory_that_is_there_and_cannot_be_watched_is_registered_for_its_lease()
    {
        RegistrationCache<Pin> cache = Make();
        Watch.Covers = _ => false;
        Assert.True(GetAndPut(cache, Pages(1, 1)).IsReleased);
    }

    private void RequireRefused(RegistrationCache<Pin> cache, AddressRange range)
    {
        MemoryNotMappedException refusal = Assert.Throws<MemoryNotMappedException>(() => cache.Get(range));
        Assert.Contains($"{range} cannot be registered: it is not mapped throughout.", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Provider.All);
        Assert.Equal((0, 0L), (cache.Count, cache.Metrics.Registrations));
    }
}
