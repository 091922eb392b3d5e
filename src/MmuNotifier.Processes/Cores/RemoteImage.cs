using System.Text;
using MmuNotifier.Processes.Proc;

namespace MmuNotifier.Processes.Cores;

/// <summary>
/// A library as it is mapped in another process: its exported symbols, found in its memory. Nothing of the process's files is opened or
/// loaded.
/// </summary>
internal sealed unsafe class RemoteImage
{
    private const int DynamicType = 2;
    private const ulong StringTable = 5, SymbolTable = 6, GnuHash = 0x6ffffef5;
    private const int MaxHeaders = 64, MaxEntries = 256, MaxChain = 4096;

    private readonly int _processId;
    private readonly ulong _base;

    /// <param name="processId">By which number its memory is read.</param>
    /// <param name="start">Where the library begins.</param>
    internal RemoteImage(int processId, ulong start) => (_processId, _base) = (processId, start);

    /// <summary>The address of an exported symbol; 0 if it is not found.</summary>
    internal ulong Find(string name)
    {
        Dictionary<ulong, ulong> dynamic = ReadDynamic();
        if (!dynamic.TryGetValue(SymbolTable, out ulong symbols)
            || !dynamic.TryGetValue(StringTable, out ulong strings)
            || !dynamic.TryGetValue(GnuHash, out ulong table))
            return 0;
        uint hash = HashOf(name);
        uint buckets = ReadWord(table);
        if (buckets == 0)
            return 0;
        ulong firstBucket = table + 16 + (8UL * ReadWord(table + 8));
        uint symbol = ReadWord(firstBucket + (4UL * (hash % buckets)));
        ulong chain = firstBucket + (4UL * buckets) - (4UL * ReadWord(table + 4));
        for (int i = 0; symbol != 0 && i < MaxChain; i++, symbol++)
        {
            uint found = ReadWord(chain + (4UL * symbol));
            ulong entry = symbols + (24UL * symbol);
            if ((found | 1) == (hash | 1) && HasName(strings + ReadWord(entry), name))
                return _base + ReadLong(entry + 8);
            if ((found & 1) != 0)
                break;
        }

        return 0;
    }

    /// <summary>Eight bytes at an address; 0 if it cannot be read.</summary>
    internal ulong ReadLong(ulong address)
    {
        ulong value = 0;
        return ProcessMemory.Read(_processId, address, address + 7, &value).Bytes == sizeof(ulong) ? value : 0;
    }

    /// <summary>Four bytes at an address; 0 if it cannot be read.</summary>
    internal uint ReadWord(ulong address) => TryReadWord(address, out uint value) ? value : 0;

    internal bool TryReadWord(ulong address, out uint value)
    {
        uint read = 0;
        bool isRead = ProcessMemory.Read(_processId, address, address + 3, &read).Bytes == sizeof(uint);
        value = read;
        return isRead;
    }

    private static uint HashOf(string name)
    {
        uint hash = 5381;
        foreach (char letter in name)
            hash = (hash * 33) + letter;
        return hash;
    }

    private bool HasName(ulong address, string name)
    {
        byte[] bytes = new byte[name.Length + 1];
        fixed (byte* start = bytes)
        {
            return ProcessMemory.Read(_processId, address, address + (ulong)name.Length, start).Bytes == bytes.Length
                && bytes.AsSpan(0, name.Length).SequenceEqual(Encoding.ASCII.GetBytes(name)) && bytes[^1] == 0;
        }
    }

    /// <summary>The entries of the dynamic section; the loader has made addresses of some of its offsets.</summary>
    private Dictionary<ulong, ulong> ReadDynamic()
    {
        var entries = new Dictionary<ulong, ulong>();
        ulong headers = _base + ReadLong(_base + 32);
        int count = Math.Min((int)(ReadWord(_base + 56) & 0xffff), MaxHeaders);
        ulong dynamic = 0;
        for (int i = 0; i < count; i++)
        {
            if (ReadWord(headers + (56UL * (ulong)i)) == DynamicType)
                dynamic = _base + ReadLong(headers + (56UL * (ulong)i) + 16);
        }

        for (int i = 0; dynamic != 0 && i < MaxEntries; i++)
        {
            ulong tag = ReadLong(dynamic + (16UL * (ulong)i));
            ulong value = ReadLong(dynamic + (16UL * (ulong)i) + 8);
            if (tag == 0)
                break;
            entries[tag] = value < _base ? _base + value : value;
        }

        return entries;
    }
}
