namespace MmuNotifier.Registration.DependencyInjection.Tests;

/// <summary>Registrations are numbers.</summary>
internal sealed class Counting : IRegistrationProvider<int>
{
    private int _made;

    public Action? OnRelease { get; set; }

    public int Register(AddressRange range) => Interlocked.Increment(ref _made);

    public void Release(int registration, AddressRange range) => OnRelease?.Invoke();
}
