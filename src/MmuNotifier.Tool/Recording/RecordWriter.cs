using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace MmuNotifier.Tool.Recording;

/// <summary>Puts records together in memory.</summary>
internal sealed class RecordWriter
{
    private readonly ArrayBufferWriter<byte> _records = new();
    private readonly ArrayBufferWriter<byte> _payload = new();

    internal ReadOnlySpan<byte> Records => _records.WrittenSpan;

    internal void Clear() => _records.ResetWrittenCount();

    internal void Number(ulong value)
    {
        Span<byte> bytes = _payload.GetSpan(10);
        int count = 0;
        for (; value >= 0x80; value >>= 7)
            bytes[count++] = (byte)(value | 0x80);
        bytes[count++] = (byte)value;
        _payload.Advance(count);
    }

    internal void Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Number((ulong)bytes.Length);
        _payload.Write(bytes);
    }

    /// <summary>Ends the record that the calls before have made.</summary>
    internal void End(RecordType type)
    {
        Span<byte> head = _records.GetSpan(5);
        BinaryPrimitives.WriteUInt32LittleEndian(head, (uint)_payload.WrittenCount);
        head[4] = (byte)type;
        _records.Advance(5);
        _records.Write(_payload.WrittenSpan);
        BinaryPrimitives.WriteUInt32LittleEndian(_records.GetSpan(4), RecordingFormat.CheckSum(type, _payload.WrittenSpan));
        _records.Advance(4);
        _payload.ResetWrittenCount();
    }
}
