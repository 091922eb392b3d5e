using System.Buffers;
using Microsoft.Extensions.Caching.Hybrid;

namespace MmuNotifier.Caching;

/// <summary>Copies.</summary>
internal sealed class ByteArraySerializer : IHybridCacheSerializer<byte[]>
{
    public byte[] Deserialize(ReadOnlySequence<byte> source) => source.ToArray();

    public void Serialize(byte[] value, IBufferWriter<byte> target) => target.Write(value);
}
