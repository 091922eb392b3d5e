namespace MmuNotifier.Caching.Redis;

/// <summary>A scope that the server knows as open.</summary>
/// <param name="Id">Of the scope.</param>
/// <param name="Bytes">The entry of the log that started it.</param>
internal readonly record struct OpenScope(string Id, byte[] Bytes);
