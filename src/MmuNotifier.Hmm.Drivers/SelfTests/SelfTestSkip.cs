namespace MmuNotifier.Hmm.Drivers.SelfTests;

/// <summary>The machine lacks what a scenario needs.</summary>
internal sealed class SelfTestSkip(string reason) : Exception(reason);
