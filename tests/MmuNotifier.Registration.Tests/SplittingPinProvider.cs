namespace MmuNotifier.Registration.Tests;

/// <summary>Splits, after it did what a test wants.</summary>
internal sealed class SplittingPinProvider : PinProvider, ISplittingRegistrationProvider<Pin>
{
    public Func<AddressRange, bool>? OnSplit { get; set; }

    public bool TrySplit(Pin registration, AddressRange range, AddressRange partRange, out Pin part)
    {
        Assert.False(registration.IsReleased);
        Assert.True(range.Contains(partRange));
        bool splits = OnSplit?.Invoke(partRange) ?? true;
        part = splits ? Make(partRange) : null!;
        return splits;
    }
}
