using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace MmuNotifier.Caching.Redis;

/// <summary>
/// Writes texts as bytes without losing a code unit. Names are compared by their code units, but UTF-8 turns two texts that differ only in
/// a lone surrogate into the same bytes. So a text with a lone surrogate is written as UTF-16, with a negative length.
/// </summary>
internal static class NameText
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void Write(ArrayBufferWriter<byte> buffer, string text)
    {
        try
        {
            int length = s_strict.GetByteCount(text);
            WriteNumber(buffer, length);
            buffer.Advance(s_strict.GetBytes(text, buffer.GetSpan(length)));
        }
        catch (EncoderFallbackException)
        {
            ReadOnlySpan<byte> units = MemoryMarshal.AsBytes(text.AsSpan());
            WriteNumber(buffer, -units.Length);
            buffer.Write(units);
        }
    }

    public static string Read(ref ReadOnlySpan<byte> bytes)
    {
        long length = ReadNumber(ref bytes);
        ReadOnlySpan<byte> content = Take(ref bytes, Math.Abs(length));
        return length >= 0 ? s_strict.GetString(content) : new string(MemoryMarshal.Cast<byte, char>(content));
    }

    /// <summary>Low bits first, seven a byte, the sign in the lowest bit.</summary>
    public static void WriteNumber(ArrayBufferWriter<byte> buffer, long number)
    {
        ulong rest = ((ulong)number << 1) ^ (ulong)(number >> 63);
        while (rest >= 0x80)
        {
            buffer.Write([(byte)(rest | 0x80)]);
            rest >>= 7;
        }

        buffer.Write([(byte)rest]);
    }

    public static long ReadNumber(ref ReadOnlySpan<byte> bytes)
    {
        ulong number = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = ReadByte(ref bytes);
            number |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return (long)(number >> 1) ^ -(long)(number & 1);
        }

        throw new InvalidDataException("A number has more than 64 bits.");
    }

    public static byte ReadByte(ref ReadOnlySpan<byte> bytes) => Take(ref bytes, 1)[0];

    public static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> bytes, long length)
    {
        if (length > bytes.Length)
            throw new InvalidDataException("It ends too early.");
        ReadOnlySpan<byte> taken = bytes[..(int)length];
        bytes = bytes[(int)length..];
        return taken;
    }
}
