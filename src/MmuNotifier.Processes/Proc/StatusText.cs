using System.Buffers.Text;

namespace MmuNotifier.Processes;

/// <summary>The text of a status file of /proc: its lines are found by their names, without a string for each.</summary>
internal readonly ref struct StatusText(ReadOnlySpan<byte> text)
{
    private readonly ReadOnlySpan<byte> _text = text;

    /// <summary>What stands behind a name, which includes the colon; empty if there is no such line.</summary>
    internal ReadOnlySpan<byte> Field(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> rest = _text;
        while (!rest.IsEmpty)
        {
            int length = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = length < 0 ? rest : rest[..length];
            if (line.StartsWith(name))
                return line[name.Length..].TrimStart((byte)'\t');
            rest = length < 0 ? default : rest[(length + 1)..];
        }

        return default;
    }

    /// <summary>One of the numbers behind a name, which tabs separate; 0 if it is not there.</summary>
    internal long Number(ReadOnlySpan<byte> name, int index = 0)
    {
        ReadOnlySpan<byte> field = Field(name);
        for (int i = 0; i < index; i++)
            field = field[(field.IndexOf((byte)'\t') + 1)..];
        return Utf8Parser.TryParse(field, out long value, out _) ? value : 0;
    }
}
