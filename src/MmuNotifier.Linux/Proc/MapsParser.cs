namespace MmuNotifier.Linux;

/// <summary>Reads the lines of /proc/pid/maps.</summary>
internal static class MapsParser
{
    /// <summary>
    /// Appends every whole line of the text; answers how many bytes they take. What follows the last line end is for the next call.
    /// </summary>
    internal static int ParseLines(ReadOnlySpan<byte> text, MappingNameCache names, List<ProcessMapping> mappings)
    {
        int consumed = 0;
        while (true)
        {
            ReadOnlySpan<byte> rest = text[consumed..];
            int length = rest.IndexOf((byte)'\n');
            if (length < 0)
                return consumed;
            mappings.Add(ParseLine(rest[..length], names));
            consumed += length + 1;
        }
    }

    // 7f24101b0000-7f24101d6000 r--p 00000000 fe:00 332096                     /usr/lib/libc.so.6
    internal static ProcessMapping ParseLine(ReadOnlySpan<byte> line, MappingNameCache names)
    {
        ulong start = Hexadecimal(ref line);
        ulong end = Hexadecimal(ref line);
        MappingProtection protection = (line[0] == 'r' ? MappingProtection.Read : 0)
            | (line[1] == 'w' ? MappingProtection.Write : 0)
            | (line[2] == 'x' ? MappingProtection.Execute : 0);
        bool shared = line[3] == 's';
        line = line[5..];
        ulong offset = Hexadecimal(ref line);
        ulong major = Hexadecimal(ref line);
        ulong minor = Hexadecimal(ref line);
        ulong inode = Decimal(ref line);
        MappingName name = names.Get(line.TrimStart((byte)' '));
        MappingKind kind = shared ? name.KindIfShared : name.KindIfPrivate;
        return new ProcessMapping(start, end - 1, protection, shared, kind, offset, (major << 20) | minor, inode, name.Text);
    }

    // Each takes the number and the one character behind it.
    private static ulong Hexadecimal(ref ReadOnlySpan<byte> text)
    {
        ulong value = 0;
        int i = 0;
        for (; i < text.Length; i++)
        {
            int digit = text[i] switch
            {
                >= (byte)'0' and <= (byte)'9' => text[i] - '0',
                >= (byte)'a' and <= (byte)'f' => text[i] - 'a' + 10,
                _ => -1,
            };
            if (digit < 0)
                break;
            value = (value << 4) | (uint)digit;
        }

        text = text[Math.Min(i + 1, text.Length)..];
        return value;
    }

    private static ulong Decimal(ref ReadOnlySpan<byte> text)
    {
        ulong value = 0;
        int i = 0;
        for (; i < text.Length && text[i] is >= (byte)'0' and <= (byte)'9'; i++)
            value = (value * 10) + (uint)(text[i] - '0');
        text = text[Math.Min(i + 1, text.Length)..];
        return value;
    }
}
