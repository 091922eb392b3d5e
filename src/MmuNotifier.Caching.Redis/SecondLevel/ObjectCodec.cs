using System.Buffers;

namespace MmuNotifier.Caching.Redis;

/// <summary>Values that are kept as objects.</summary>
internal sealed class ObjectCodec<T>(HybridSerializers serializers) : ValueCodec<T>
{
    public override bool IsNull(T value) => value is null;

    public override void Write(T value, IBufferWriter<byte> buffer) => serializers.Get<T>().Serialize(value, buffer);

    public override T Read(ReadOnlyMemory<byte> bytes, bool isNull) =>
        isNull ? default! : serializers.Get<T>().Deserialize(new ReadOnlySequence<byte>(bytes));
}
