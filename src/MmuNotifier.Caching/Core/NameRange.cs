namespace MmuNotifier.Caching;

/// <summary>The addresses of a segment: 2^<paramref name="Bits"/> from <paramref name="Start"/> on.</summary>
internal readonly record struct NameRange(ulong Start, int Bits)
{
    public AddressRange Addresses => new(Start, Start + ((1UL << Bits) - 1));

    /// <summary>The addresses of a child, by <see cref="NameCode"/>; the first one alone where there is no room for it.</summary>
    public NameRange Child(uint number) => NameCode.TryPlace(number, Bits, out ulong offset, out int bits)
        ? new NameRange(Start + offset, bits)
        : new NameRange(Start, 0);
}
