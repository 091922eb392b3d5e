using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MmuNotifier.Linux;

/// <summary>Names seen before, by their bytes, so that reading the maps again makes no strings. Not for concurrent use.</summary>
internal sealed class MappingNameCache
{
    // Programs that map ever new files must not make this grow without end; then it starts afresh.
    private const int MaxNames = 4096;

    private readonly Dictionary<byte[], MappingName> _names = new(BytesComparer.Instance);
    private readonly Dictionary<byte[], MappingName>.AlternateLookup<ReadOnlySpan<byte>> _lookup;

    internal MappingNameCache() => _lookup = _names.GetAlternateLookup<ReadOnlySpan<byte>>();

    internal int Count => _names.Count;

    internal MappingName Get(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return MappingName.Empty;
        if (_lookup.TryGetValue(bytes, out MappingName known))
            return known;
        if (_names.Count >= MaxNames)
            _names.Clear();
        var name = MappingName.Of(Encoding.UTF8.GetString(bytes));
        _names.Add(bytes.ToArray(), name);
        return name;
    }

    private sealed class BytesComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        internal static readonly BytesComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }
    }
}
