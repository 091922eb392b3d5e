using System.Buffers;

namespace MmuNotifier.Caching.Redis;

/// <summary>What is kept on a node, as bytes for Redis. User code may run in it: under no lock.</summary>
internal abstract class ValueCodec<T>
{
    private static readonly int s_typeStamp = Hash(typeof(T).ToString());

    /// <summary>Values of another type under the same key are not read.</summary>
    public virtual int TypeStamp => s_typeStamp;

    public abstract bool IsNull(T value);

    public abstract void Write(T value, IBufferWriter<byte> buffer);

    public abstract T Read(ReadOnlyMemory<byte> bytes, bool isNull);

    /// <summary>FNV-1a: the same in every process.</summary>
    protected static int Hash(string text)
    {
        uint hash = 2166136261;
        foreach (char unit in text)
            hash = (hash ^ unit) * 16777619;
        return (int)hash;
    }
}
