using System.Globalization;
using MmuNotifier.Hmm;

namespace MmuNotifier.Differential;

/// <summary>What an operation came to, apart from what it left in memory.</summary>
/// <param name="Error">Its error.</param>
/// <param name="Place">The address it answered, relative to the arena; <see cref="Elsewhere"/> if outside; 0 if it answers none.</param>
/// <param name="Bytes">What was read; unread bytes keep <see cref="Unread"/>.</param>
public readonly record struct Outcome(Errno Error, ulong Place, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The place of an address outside the arena.</summary>
    public const ulong Elsewhere = ulong.MaxValue;

    /// <summary>What the buffer of a read holds before.</summary>
    public const byte Unread = 0xCC;

    /// <summary>Nothing was done.</summary>
    public static Outcome Nothing => new(Errno.None, 0, default);

    /// <summary>How two outcomes of the same operation differ; null if they do not.</summary>
    public string? DescribeDifference(in Outcome actual)
    {
        if (Error != actual.Error)
            return $"error {Error} against {actual.Error}";
        if (Place != actual.Place)
            return $"address {Shown(Place)} against {Shown(actual.Place)}";
        int at = Bytes.Span.CommonPrefixLength(actual.Bytes.Span);
        return at == Bytes.Length && at == actual.Bytes.Length
            ? null
            : string.Create(
                CultureInfo.InvariantCulture, $"byte {at} of what was read: {Shown(Bytes, at)} against {Shown(actual.Bytes, at)}");
    }

    private static string Shown(ulong place) =>
        place == Elsewhere ? "outside the arena" : string.Create(CultureInfo.InvariantCulture, $"0x{place:x}");

    private static string Shown(ReadOnlyMemory<byte> bytes, int at) =>
        at < bytes.Length ? string.Create(CultureInfo.InvariantCulture, $"0x{bytes.Span[at]:x2}") : "no byte";
}
