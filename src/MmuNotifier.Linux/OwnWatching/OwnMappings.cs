using MmuNotifier.Linux.Proc;

namespace MmuNotifier.Linux.OwnWatching;

/// <summary>The mappings of this process, one query (PROCMAP_QUERY) at a time. Guarded by the watch's lock.</summary>
internal sealed class OwnMappings : IDisposable
{
    private readonly ProcessMaps _maps;

    private OwnMappings(ProcessMaps maps) => _maps = maps;

    /// <summary>Null with the reason where the kernel has no such query.</summary>
    internal static OwnMappings? Open(out string? lack)
    {
        ProcessMaps? maps = ProcessMaps.Open(Environment.ProcessId, new MappingNameCache(), out Errno error);
        if (error == Errno.None)
            error = maps!.Query(0, out _);
        lack = error == Errno.None ? null : $"the mappings of this process cannot be queried ({error})";
        if (lack is null)
            return new OwnMappings(maps!);
        maps?.Dispose();
        return null;
    }

    /// <summary>The mapping that covers the address.</summary>
    internal bool TryFind(ulong address, out QueriedMapping mapping) =>
        _maps.Query(address, out mapping) == Errno.None && mapping.Start <= address;

    /// <summary>The mappings that overlap the range, as they are while it goes on.</summary>
    internal IEnumerable<QueriedMapping> Overlapping(AddressRange range)
    {
        ulong address = range.Start;
        while (_maps.Query(address, out QueriedMapping mapping) == Errno.None && mapping.Start <= range.Last)
        {
            yield return mapping;
            if (mapping.Last >= range.Last)
                break;
            address = mapping.Last + 1;
        }
    }

    /// <summary>What of the range is mapped, mapping by mapping.</summary>
    internal IEnumerable<AddressRange> PartsOf(AddressRange range)
    {
        foreach (QueriedMapping mapping in Overlapping(range))
            yield return new AddressRange(Math.Max(mapping.Start, range.Start), Math.Min(mapping.Last, range.Last));
    }

    /// <summary>What all mappings of the range permit; null if that differs, or if it is not mapped throughout.</summary>
    /// <param name="range">What to look at.</param>
    /// <param name="last">The mapping looked at last, to be asked first: many ranges lie in one mapping.</param>
    internal MappingProtection? ProtectionOf(AddressRange range, ref QueriedMapping last)
    {
        MappingProtection? protection = null;
        ulong address = range.Start;
        while (true)
        {
            if (!(last.Start <= address && address <= last.Last) && !TryFind(address, out last))
            {
                last = default;
                return null;
            }

            if (protection is not null && protection != last.Protection)
                return null;
            protection = last.Protection;
            if (last.Last >= range.Last)
                return protection;
            address = last.Last + 1;
        }
    }

    internal MappingBacking BackingAt(ulong address)
    {
        if (!TryFind(address, out QueriedMapping mapping))
            return MappingBacking.Anonymous;
        if (mapping.Shared)
            return MappingBacking.Shared;
        return mapping.Inode == 0 ? MappingBacking.Anonymous : MappingBacking.PrivateFile;
    }

    public void Dispose() => _maps.Dispose();
}
