namespace MmuNotifier.Caching.Redis;

/// <summary>Redis is not as the options say, or another node has other options. Nothing changes that but a person.</summary>
internal sealed class UnmetAssumptionException(string message) : Exception(message);
