using System.Buffers;
using Microsoft.Extensions.Caching.Hybrid;

namespace MmuNotifier.Caching;

/// <summary>A value of a type, serialised. The type keeps values of different types apart that have the same key.</summary>
internal sealed class CachePayload<T>(IHybridCacheSerializer<T> serializer, byte[]? bytes, bool isTooLarge)
    : CachePayload(bytes, isTooLarge)
{
    /// <summary>Serialises a value. User code: under no lock.</summary>
    public static CachePayload<T> Of(T value, HybridSerializers serializers, long maxBytes)
    {
        IHybridCacheSerializer<T> serializer = serializers.Get<T>();
        if (value is null)
            return new CachePayload<T>(serializer, null, isTooLarge: false);
        var buffer = new ArrayBufferWriter<byte>();
        serializer.Serialize(value, buffer);
        return new CachePayload<T>(serializer, buffer.WrittenSpan.ToArray(), isTooLarge: buffer.WrittenCount > maxBytes);
    }

    /// <summary>A new object each time. User code.</summary>
    public T Read() => Bytes is null ? default! : serializer.Deserialize(new ReadOnlySequence<byte>(Bytes));
}
