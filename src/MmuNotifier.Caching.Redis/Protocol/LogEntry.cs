using System.Buffers;

namespace MmuNotifier.Caching.Redis;

/// <summary>An entry of the log, without its place.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Node">The node that appended it.</param>
/// <param name="Scope">The scope that starts or ends; empty for an invalidation.</param>
/// <param name="Names">What it is about.</param>
internal sealed record LogEntry(LogEntryKind Kind, string Node, string Scope, CacheName[] Names)
{
    public byte[] ToBytes()
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write([(byte)Kind]);
        NameText.Write(buffer, Node);
        NameText.Write(buffer, Scope);
        NameText.WriteNumber(buffer, Names.Length);
        foreach (CacheName name in Names)
        {
            buffer.Write([(byte)name.Kind]);
            NameText.Write(buffer, name.Text);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidDataException">It is not an entry of this version.</exception>
    public static LogEntry Read(ReadOnlySpan<byte> bytes)
    {
        var kind = (LogEntryKind)NameText.ReadByte(ref bytes);
        if (kind is not (LogEntryKind.Invalidation or LogEntryKind.ScopeStart or LogEntryKind.ScopeEnd))
            throw new InvalidDataException($"The log has an entry of the unknown kind {(byte)kind}.");
        string node = NameText.Read(ref bytes);
        string scope = NameText.Read(ref bytes);
        long count = NameText.ReadNumber(ref bytes);
        if (count < 0 || count > bytes.Length)
            throw new InvalidDataException($"An entry of the log says that it has {count} names.");
        var names = new CacheName[count];
        for (int i = 0; i < names.Length; i++)
        {
            var nameKind = (CacheNameKind)NameText.ReadByte(ref bytes);
            string text = NameText.Read(ref bytes);
            names[i] = nameKind switch
            {
                CacheNameKind.Key => CacheName.Key(text),
                CacheNameKind.Tag => CacheName.Tag(text),
                CacheNameKind.Prefix => CacheName.Prefix(text),
                _ => throw new InvalidDataException($"The log has a name of the unknown kind {nameKind}."),
            };
        }

        return new LogEntry(kind, node, scope, names);
    }
}
