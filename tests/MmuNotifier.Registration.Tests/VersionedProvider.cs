namespace MmuNotifier.Registration.Tests;

/// <summary>Registrations that know which version of each page they are of. Splits, if it is to.</summary>
internal sealed class VersionedProvider(int pages, ulong pageBytes) : ISplittingRegistrationProvider<VersionedProvider.Registration>
{
    private readonly long[] _versions = new long[pages];
    private readonly long[] _returned = new long[pages];
    private int _living;

    public bool Splits { get; init; }

    public int Living => Volatile.Read(ref _living);

    /// <summary>One thread changes the page, then announces or reports it; then the call returns.</summary>
    public void Change(int page, Action announce)
    {
        long version = Interlocked.Increment(ref _versions[page]);
        announce();
        Volatile.Write(ref _returned[page], version);
    }

    /// <summary>What a get that begins now must at least find.</summary>
    public void ReadReturned(AddressRange range, Span<long> versions)
    {
        for (int page = First(range); page <= Last(range); page++)
            versions[page] = Volatile.Read(ref _returned[page]);
    }

    public Registration Register(AddressRange range)
    {
        var registration = new Registration(new long[pages]);
        for (int page = First(range); page <= Last(range); page++)
            registration.Versions[page] = Volatile.Read(ref _versions[page]);
        Interlocked.Increment(ref _living);
        return registration;
    }

    public bool TrySplit(Registration registration, AddressRange range, AddressRange partRange, out Registration part)
    {
        part = registration;
        if (!Splits)
            return false;
        part = new Registration([.. registration.Versions]);
        Interlocked.Increment(ref _living);
        return true;
    }

    public void Release(Registration registration, AddressRange range)
    {
        Assert.False(registration.IsReleased);
        registration.IsReleased = true;
        Interlocked.Decrement(ref _living);
    }

    /// <summary>Throws if the registration is not in use any more, or describes memory from before a change that had returned.</summary>
    public void Check(Registration registration, AddressRange range, ReadOnlySpan<long> atLeast)
    {
        Assert.False(registration.IsReleased, "released in use");
        for (int page = First(range); page <= Last(range); page++)
            Assert.True(registration.Versions[page] >= atLeast[page], $"stale: page {page}");
    }

    private int First(AddressRange range) => (int)(range.Start / pageBytes);

    private int Last(AddressRange range) => (int)(range.Last / pageBytes);

    internal sealed class Registration(long[] versions)
    {
        public long[] Versions { get; } = versions;

        public volatile bool IsReleased;
    }
}
