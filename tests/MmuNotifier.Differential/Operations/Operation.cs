using System.Globalization;
using System.Text;
using MmuNotifier.Hmm;

namespace MmuNotifier.Differential;

/// <summary>One step of a sequence. Addresses are relative to the arena, so that any subsequence means the same at any place.</summary>
public sealed record Operation
{
    /// <summary>The base address that stands for "anywhere": the call gets address 0.</summary>
    public const ulong Anywhere = ulong.MaxValue;

    /// <summary>What is done.</summary>
    public required OperationKind Kind { get; init; }

    /// <summary>Whether the child does it; nothing happens if there is none.</summary>
    public bool InChild { get; init; }

    /// <summary>First byte, relative to the arena; of the file for operations on a file. Or <see cref="Anywhere"/>.</summary>
    public ulong Offset { get; init; }

    /// <summary>Bytes; the new length of the file for <see cref="OperationKind.Truncate"/>.</summary>
    public ulong Length { get; init; }

    /// <summary>Where <see cref="OperationKind.Remap"/> moves to, relative to the arena.</summary>
    public ulong NewOffset { get; init; }

    /// <summary>The length after <see cref="OperationKind.Remap"/>.</summary>
    public ulong NewLength { get; init; }

    /// <summary>For Map and Protect.</summary>
    public Protection Protection { get; init; }

    /// <summary>For Map.</summary>
    public MapFlags MapFlags { get; init; }

    /// <summary>For Remap.</summary>
    public RemapFlags RemapFlags { get; init; }

    /// <summary>For Advise.</summary>
    public Advice Advice { get; init; }

    /// <summary>The file, counted from 1; 0 is none.</summary>
    public int File { get; init; }

    /// <summary>First byte in the file, for Map.</summary>
    public ulong FileOffset { get; init; }

    /// <summary>
    /// First byte of what is written; each following byte is different from its neighbours and from the same byte of other pages.
    /// </summary>
    public byte Fill { get; init; }

    /// <summary>The operation as C#: can be pasted into a test.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("new() { Kind = OperationKind.").Append(Kind);
        if (InChild)
            text.Append(", InChild = true");
        if (Offset == Anywhere)
            text.Append(", Offset = Operation.Anywhere");
        else
            Number(text, nameof(Offset), Offset);
        Number(text, nameof(Length), Length);
        Number(text, nameof(NewOffset), NewOffset);
        Number(text, nameof(NewLength), NewLength);
        Flags(text, Protection, nameof(Protection), (int)Protection);
        Flags(text, MapFlags, nameof(MapFlags), (int)MapFlags);
        Flags(text, RemapFlags, nameof(RemapFlags), (int)RemapFlags);
        Flags(text, Advice, nameof(Advice), (int)Advice);
        Number(text, nameof(File), (ulong)File);
        Number(text, nameof(FileOffset), FileOffset);
        Number(text, nameof(Fill), Fill);
        return text.Append(" }").ToString();
    }

    private static void Number(StringBuilder text, string name, ulong value)
    {
        if (value == 0)
            return;
        string shown = value < 10
            ? value.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");
        text.Append(CultureInfo.InvariantCulture, $", {name} = {shown}");
    }

    private static void Flags<T>(StringBuilder text, T value, string name, int number)
        where T : struct, Enum
    {
        if (number == 0)
            return;
        string type = typeof(T).Name;
        string shown = string.Join(" | ", value.ToString().Split(", ").Select(part => $"{type}.{part}"));
        text.Append(CultureInfo.InvariantCulture, $", {name} = {shown}");
    }
}
