namespace MmuNotifier.Registration.Tests;

public sealed class RegistrationCacheOptionsTests
{
    public static TheoryData<string, RegistrationCacheOptions> Wrong => new()
    {
        { nameof(RegistrationCacheOptions.MaxCount), new() { MaxCount = 0 } },
        { nameof(RegistrationCacheOptions.MaxBytes), new() { MaxBytes = -1 } },
        { nameof(RegistrationCacheOptions.ScanInterval), new() { ScanInterval = TimeSpan.Zero } },
        { nameof(RegistrationCacheOptions.ScanInterval), new() { ScanInterval = TimeSpan.FromDays(2) } },
        { nameof(RegistrationCacheOptions.DrainTimeout), new() { DrainTimeout = TimeSpan.FromSeconds(-1) } },
        { nameof(RegistrationCacheOptions.DrainTimeout), new() { DrainTimeout = TimeSpan.MaxValue } },
        { nameof(RegistrationCacheOptions.OverlapTimeout), new() { OverlapTimeout = TimeSpan.FromSeconds(-1) } },
        { nameof(RegistrationCacheOptions.MaxRegisterAttempts), new() { MaxRegisterAttempts = 0 } },
        { nameof(RegistrationCacheOptions.Name), new() { Name = " " } },
    };

    [Fact]
    public void Defaults_are_right() => new RegistrationCacheOptions().Validate();

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Wrong_value_is_named(string name, RegistrationCacheOptions options)
    {
        using var watch = new TestWatch();
        ArgumentException thrown = Assert.ThrowsAny<ArgumentException>(() => new RegistrationCache<Pin>(watch, new PinProvider(), options));
        Assert.Equal(name, thrown.ParamName);
    }
}
