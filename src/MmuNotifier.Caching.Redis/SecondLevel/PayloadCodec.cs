using System.Buffers;

namespace MmuNotifier.Caching.Redis;

/// <summary>Values that are kept serialised, so that each caller of HybridCache gets a copy.</summary>
internal sealed class PayloadCodec<T>(HybridSerializers serializers) : ValueCodec<CachePayload<T>>
{
    private static readonly int s_typeStamp = Hash(typeof(T).ToString());

    public override int TypeStamp => s_typeStamp;

    public override bool IsNull(CachePayload<T> value) => value.Bytes is null;

    public override void Write(CachePayload<T> value, IBufferWriter<byte> buffer) => buffer.Write(value.Bytes);

    public override CachePayload<T> Read(ReadOnlyMemory<byte> bytes, bool isNull) =>
        new(serializers.Get<T>(), isNull ? null : bytes.ToArray(), isTooLarge: false);
}
