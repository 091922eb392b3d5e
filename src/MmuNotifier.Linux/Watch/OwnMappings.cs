namespace MmuNotifier.Linux;

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
        lack = error == Errno.None ? null : $"the mappings of this process cannot be queried ({ErrorText.Of(error)})";
        if (lack is null)
            return new OwnMappings(maps!);
        maps?.Dispose();
        return null;
    }

    /// <summary>The mapping that covers the address.</summary>
    internal bool TryFind(ulong address, out QueriedMapping mapping) =>
        _maps.Query(address, out mapping) == Errno.None && mapping.Start <= address;

    /// <summary>
    /// The first mapping that overlaps the range and comes after another; null: the first of all. Each answer is of its own moment.
    /// </summary>
    internal bool TryNext(AddressRange range, in QueriedMapping? previous, out QueriedMapping next)
    {
        next = default;
        if (previous?.Last >= range.Last)
            return false;
        return _maps.Query(previous?.Last + 1 ?? range.Start, out next) == Errno.None && next.Start <= range.Last;
    }

    /// <summary>What all mappings of the range permit; null if they differ, or if part of the range is not mapped.</summary>
    /// <param name="range">What to look at.</param>
    /// <param name="last">The mapping that was found last. It is tried first, because many ranges lie in one mapping.</param>
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

    internal DropBehaviour DropBehaviourAt(ulong address)
    {
        if (!TryFind(address, out QueriedMapping mapping))
            return DropBehaviour.Anonymous;
        if (mapping.Shared)
            return DropBehaviour.Shared;
        return mapping.Inode == 0 ? DropBehaviour.Anonymous : DropBehaviour.PrivateFile;
    }

    public void Dispose() => _maps.Dispose();
}
