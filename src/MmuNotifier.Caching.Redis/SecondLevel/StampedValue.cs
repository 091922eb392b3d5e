using System.Buffers;
using System.Buffers.Binary;

namespace MmuNotifier.Caching.Redis;

/// <summary>
/// A value as Redis has it: format, whether it is null, type, when it expires, the position at which its load began, its names, and its
/// bytes. The key is among them because Redis may take two keys for one that differ in a lone surrogate.
/// </summary>
/// <param name="Stamp">All entries of the log up to here came before its load.</param>
/// <param name="ExpiresAt">In microseconds of the server's clock: until then nodes that have read it may keep it.</param>
/// <param name="IsNull">Whether there are no bytes.</param>
/// <param name="Payload">As the serializer wrote it.</param>
internal sealed record StampedValue(CachePosition Stamp, long ExpiresAt, bool IsNull, ReadOnlyMemory<byte> Payload)
{
    private const byte Format = 2;

    /// <returns>Null if it has more bytes than allowed.</returns>
    public static ReadOnlyMemory<byte>? Write<T>(
        string key, string[] tags, ValueCodec<T> codec, T value, CachePosition stamp, long expiresAt, long maxPayloadBytes)
    {
        var buffer = new ArrayBufferWriter<byte>();
        bool isNull = codec.IsNull(value);
        buffer.Write([Format, (byte)(isNull ? 1 : 0)]);
        BinaryPrimitives.WriteInt32LittleEndian(buffer.GetSpan(4), codec.TypeStamp);
        buffer.Advance(4);
        NameText.WriteNumber(buffer, expiresAt);
        NameText.Write(buffer, stamp.Epoch);
        NameText.WriteNumber(buffer, stamp.Sequence);
        NameText.Write(buffer, key);
        NameText.WriteNumber(buffer, tags.Length);
        foreach (string tag in tags)
            NameText.Write(buffer, tag);
        int header = buffer.WrittenCount;
        if (!isNull)
            codec.Write(value, buffer);
        return buffer.WrittenCount - header > maxPayloadBytes ? null : buffer.WrittenMemory;
    }

    /// <returns>Null if it is of another format, type or key, or has a tag that the reader does not have.</returns>
    /// <exception cref="InvalidDataException">The bytes are not whole.</exception>
    public static StampedValue? Read(byte[] bytes, string key, string[] tags, int typeStamp)
    {
        ReadOnlySpan<byte> rest = bytes;
        if (NameText.ReadByte(ref rest) != Format)
            return null;
        bool isNull = NameText.ReadByte(ref rest) != 0;
        if (BinaryPrimitives.ReadInt32LittleEndian(NameText.Take(ref rest, 4)) != typeStamp)
            return null;
        long expiresAt = NameText.ReadNumber(ref rest);
        var stamp = new CachePosition(NameText.Read(ref rest), NameText.ReadNumber(ref rest));
        if (NameText.Read(ref rest) != key)
            return null;
        for (long left = NameText.ReadNumber(ref rest); left > 0; left--)
        {
            if (!tags.Contains(NameText.Read(ref rest)))
                return null;
        }

        return new StampedValue(stamp, expiresAt, isNull, bytes.AsMemory(bytes.Length - rest.Length));
    }
}
