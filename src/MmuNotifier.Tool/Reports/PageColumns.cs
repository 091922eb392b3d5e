using System.Buffers;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace MmuNotifier.Tool.Reports;

/// <summary>Columns of numbers for the page: one after the other, each from a multiple of eight bytes on, compressed, in Base64.</summary>
internal sealed class PageColumns
{
    private const int Alignment = 8;
    private readonly ArrayBufferWriter<byte> _bytes = new();

    internal PageColumns Add<T>(IEnumerable<T> column)
        where T : unmanaged
    {
        _bytes.Write(MemoryMarshal.AsBytes<T>(column.ToArray()));
        _bytes.Write(stackalloc byte[(Alignment - (_bytes.WrittenCount % Alignment)) % Alignment]);
        return this;
    }

    internal string ToBase64()
    {
        var packed = new MemoryStream();
        using (var compressor = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            compressor.Write(_bytes.WrittenSpan);
        return Convert.ToBase64String(packed.GetBuffer().AsSpan(0, (int)packed.Length));
    }
}
