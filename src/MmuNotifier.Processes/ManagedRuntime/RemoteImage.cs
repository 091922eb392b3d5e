using System.Runtime.CompilerServices;
using System.Text;

namespace MmuNotifier.Processes;

/// <summary>
/// A 64-bit ELF image as it lies in another process's memory. Nothing is read from the file, which the other process may have replaced or
/// may see under another root. Everything read is untrusted: each count is bounded, and what is not plausible has no export.
/// </summary>
internal sealed unsafe class RemoteImage
{
    private const uint Magic = 0x464C457F;
    private const byte Class64 = 2;
    private const ushort DynamicSegment = 2, LoadSegment = 1;
    private const int MaxSegments = 64, MaxDynamicEntries = 512, MaxBucket = 1 << 20, MaxChain = 1 << 16;

    private readonly int _processId;
    private readonly ulong _base;
    private readonly ulong _last;
    private readonly ulong _symbols;
    private readonly ulong _strings;
    private readonly ulong _hash;

    private RemoteImage(int processId, ulong start, ulong last, in DynamicTables tables)
    {
        _processId = processId;
        _base = start;
        _last = last;
        _symbols = tables.Symbols;
        _strings = tables.Strings;
        _hash = tables.Hash;
    }

    /// <summary>The image whose first page is mapped at an address; null if there is none with a GNU hash table.</summary>
    internal static RemoteImage? At(int processId, ulong start)
    {
        if (!TryRead(processId, start, out Header header) || header.Magic != Magic || header.Class != Class64
            || header.SegmentBytes != sizeof(Segment) || header.Segments is 0 or > MaxSegments)
        {
            return null;
        }

        ulong last = 0, dynamic = 0;
        for (int i = 0; i < header.Segments; i++)
        {
            if (!TryRead(processId, start + header.SegmentOffset + (ulong)(i * sizeof(Segment)), out Segment segment))
                return null;
            if (segment.Type == LoadSegment)
                last = Math.Max(last, segment.Address + segment.MemoryBytes);
            else if (segment.Type == DynamicSegment)
                dynamic = segment.Address;
        }

        if (dynamic == 0 || last == 0 || start + last < start)
            return null;
        last += start - 1;
        return TryReadTables(processId, start, last, start + dynamic, out DynamicTables tables)
            ? new RemoteImage(processId, start, last, tables)
            : null;
    }

    /// <summary>Finds an exported symbol by its name.</summary>
    /// <param name="name">In ASCII.</param>
    /// <param name="address">Where it is in the process.</param>
    /// <param name="bytes">The size that the image states.</param>
    /// <returns>False if it is not exported, or the image's tables are not plausible.</returns>
    internal bool TryFindExport(string name, out ulong address, out ulong bytes)
    {
        (address, bytes) = (0, 0);
        if (!TryRead(_processId, _hash, out HashHeader header) || header.Buckets is 0 or > MaxBucket || header.BloomWords > MaxBucket)
            return false;
        uint hash = HashOf(name);
        ulong buckets = _hash + (ulong)sizeof(HashHeader) + (8UL * header.BloomWords);
        ulong chain = buckets + (4UL * header.Buckets);
        if (!TryRead(_processId, buckets + (4UL * (hash % header.Buckets)), out uint index) || index < header.FirstHashed)
            return false;
        for (int step = 0; step < MaxChain; step++, index++)
        {
            if (!TryRead(_processId, chain + (4UL * (index - header.FirstHashed)), out uint entry))
                return false;
            if ((entry | 1) == (hash | 1)
                && TryRead(_processId, _symbols + ((ulong)sizeof(Symbol) * index), out Symbol symbol) && IsNamed(symbol.Name, name))
            {
                (address, bytes) = (_base + symbol.Value, symbol.Bytes);
                return address >= _base && address <= _last;
            }

            if ((entry & 1) != 0)
                return false;
        }

        return false;
    }

    /// <summary>Reads a value; false if a byte of it cannot be read.</summary>
    internal static bool TryRead<T>(int processId, ulong address, out T value)
        where T : unmanaged
    {
        T read = default;
        bool isRead = address + (ulong)sizeof(T) > address
            && ProcessMemory.Read(processId, address, address + (ulong)sizeof(T) - 1, &read).Bytes == sizeof(T);
        value = isRead ? read : default;
        return isRead;
    }

    private static bool TryReadTables(int processId, ulong start, ulong last, ulong dynamic, out DynamicTables tables)
    {
        const ulong end = 0, strings = 5, symbols = 6, hash = 0x6FFFFEF5;
        tables = default;
        for (int i = 0; i < MaxDynamicEntries; i++)
        {
            if (!TryRead(processId, dynamic + (ulong)(i * sizeof(DynamicEntry)), out DynamicEntry entry))
                return false;
            // The loader of glibc adds the base to these in place; that of musl leaves them relative to it.
            ulong address = entry.Value >= start ? entry.Value : entry.Value + start;
            switch (entry.Tag)
            {
                case end: return tables.AreWithin(start, last);
                case strings: tables.Strings = address; break;
                case symbols: tables.Symbols = address; break;
                case hash: tables.Hash = address; break;
            }
        }

        return false;
    }

    private static uint HashOf(string name)
    {
        uint hash = 5381;
        foreach (char letter in name)
            hash = (hash * 33) + letter;
        return hash;
    }

    [SkipLocalsInit]
    private bool IsNamed(uint offset, string name)
    {
        const int longest = 128;
        byte* text = stackalloc byte[longest];
        ulong address = _strings + offset;
        return name.Length < longest
            && ProcessMemory.Read(_processId, address, address + (ulong)name.Length, text).Bytes == name.Length + 1
            && text[name.Length] == 0
            && Ascii.Equals(new ReadOnlySpan<byte>(text, name.Length), name);
    }

    private struct DynamicTables
    {
        internal ulong Symbols;
        internal ulong Strings;
        internal ulong Hash;

        internal readonly bool AreWithin(ulong start, ulong last) =>
            Symbols > start && Symbols <= last && Strings > start && Strings <= last && Hash > start && Hash <= last;
    }

#pragma warning disable CS0649 // Read from the other process.
    private unsafe struct Header
    {
        internal uint Magic;
        internal byte Class;
        internal fixed byte Identification[11];
        internal ushort Type, Machine;
        internal uint Version;
        internal ulong Entry, SegmentOffset, SectionOffset;
        internal uint Flags;
        internal ushort HeaderBytes, SegmentBytes, Segments, SectionBytes, Sections, Names;
    }

    private struct Segment
    {
        internal uint Type, Flags;
        internal ulong Offset, Address, PhysicalAddress, FileBytes, MemoryBytes, Alignment;
    }

    private struct DynamicEntry
    {
        internal ulong Tag, Value;
    }

    private struct HashHeader
    {
        internal uint Buckets, FirstHashed, BloomWords, BloomShift;
    }

    private struct Symbol
    {
        internal uint Name;
        internal byte Info, Other;
        internal ushort Section;
        internal ulong Value, Bytes;
    }
#pragma warning restore CS0649
}
