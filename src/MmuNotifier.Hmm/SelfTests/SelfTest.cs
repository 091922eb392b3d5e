namespace MmuNotifier.Hmm.SelfTests;

/// <summary>One scenario on one variant of its fixture.</summary>
/// <param name="Name">As the kernel's self tests name it: fixture.variant.test.</param>
/// <param name="FirstDevice">The index of its (first) device.</param>
/// <param name="Devices">How many it has open: 1 or 2, with indices one after the other.</param>
/// <param name="Run">What it does; throws <see cref="SelfTestFailure"/> or <see cref="SelfTestSkip"/>.</param>
internal sealed record SelfTest(string Name, int FirstDevice, int Devices, Action<SelfTestBench> Run);
