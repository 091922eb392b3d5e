namespace MmuNotifier.Caching.Redis;

/// <summary>What an entry of the log says about its names.</summary>
internal enum LogEntryKind : byte
{
    Invalidation = (byte)'I',
    ScopeStart = (byte)'S',
    ScopeEnd = (byte)'E',
}
