namespace MmuNotifier.Registration;

/// <summary>A number of which an event counter shows the sum over all caches.</summary>
/// <param name="Name">As the counter is called.</param>
/// <param name="DisplayName">As people read it.</param>
/// <param name="Unit">What it counts; empty for things.</param>
/// <param name="Grows">Whether it never falls: its rate is shown then, and what ended caches have counted stays in it.</param>
/// <param name="Read">The sum now.</param>
internal sealed record CacheTotal(string Name, string DisplayName, string Unit, bool Grows, Func<long> Read);
