using System.Buffers;
using Microsoft.Extensions.Caching.Hybrid;

namespace MmuNotifier.Caching;

/// <summary>A value of a type, serialised. The type keeps values of different types apart that have the same key.</summary>
internal sealed class CachePayload<T>(IHybridCacheSerializer<T> serializer, byte[]? bytes, bool isTooLarge)
    : CachePayload(bytes, isTooLarge)
{
    /// <summary>A new object each time. User code.</summary>
    public T Read() => Bytes is null ? default! : serializer.Deserialize(new ReadOnlySequence<byte>(Bytes));
}
