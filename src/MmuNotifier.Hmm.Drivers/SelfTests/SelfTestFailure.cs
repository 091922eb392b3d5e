namespace MmuNotifier.Hmm.Drivers.SelfTests;

/// <summary>A scenario saw something else than it expects.</summary>
internal sealed class SelfTestFailure(string message) : Exception(message);
