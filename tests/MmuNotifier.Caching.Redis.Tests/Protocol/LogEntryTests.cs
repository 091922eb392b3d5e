namespace MmuNotifier.Caching.Redis.Tests.Protocol;

public sealed class LogEntryTests
{
    [Fact]
    public void An_entry_comes_back_as_it_was()
    {
        CacheName[] names = [CacheName.Key("a\ud800"), CacheName.Tag(""), CacheName.Prefix(new string('ä', 300))];
        var read = LogEntry.Read(new LogEntry(LogEntryKind.ScopeStart, "node", "scope", names).ToBytes());
        Assert.Equal((LogEntryKind.ScopeStart, "node", "scope"), (read.Kind, read.Node, read.Scope));
        Assert.Equal(names, read.Names);
    }

    [Fact]
    public void What_is_no_entry_is_not_taken_for_one()
    {
        byte[] bytes = new LogEntry(LogEntryKind.Invalidation, "node", "", [CacheName.Key("key")]).ToBytes();
        for (int length = 0; length < bytes.Length; length++)
            Assert.Throws<InvalidDataException>(() => LogEntry.Read(bytes.AsSpan(0, length)));
        bytes[0] = (byte)'X';
        Assert.Throws<InvalidDataException>(() => LogEntry.Read(bytes));
    }
}
