using MmuNotifier.Hmm;

namespace MmuNotifier.Differential;

/// <summary>A <see cref="VirtualMemory"/> as a program uses it, watched by a <see cref="TranslationOracle"/>.</summary>
public sealed class VirtualProgramMemory : IProgramMemory
{
    private readonly VirtualMemory _memory;
    private readonly TranslationOracle _oracle;

    /// <summary>Takes the memory over.</summary>
    /// <param name="memory">Disposed with this.</param>
    public VirtualProgramMemory(VirtualMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        _memory = memory;
        _oracle = new TranslationOracle(memory);
    }

    public Errno Map(
        ulong address, ulong length, Protection protection, MapFlags flags, MemoryFile? file, ulong offset, out ulong mapped) =>
        _memory.Map(address, length, protection, flags, out mapped, file, offset);

    public Errno Unmap(ulong address, ulong length) => _memory.Unmap(address, length);

    public Errno Remap(ulong address, ulong length, ulong newLength, RemapFlags flags, ulong newAddress, out ulong mapped) =>
        _memory.Remap(address, length, newLength, flags, out mapped, newAddress);

    public Errno Protect(ulong address, ulong length, Protection protection) => _memory.Protect(address, length, protection);

    public Errno Advise(ulong address, ulong length, Advice advice) => _memory.Advise(address, length, advice);

    public Errno Load(ulong address, Span<byte> destination) => _memory.Load(address, destination);

    public Errno Store(ulong address, ReadOnlySpan<byte> source) => _memory.Store(address, source);

    public MemoryFile CreateFile(ulong length) => _memory.CreateFile(length);

    public IProgramMemory Fork() => new VirtualProgramMemory(_memory.Fork());

    public IReadOnlyList<Mapping> GetMappings(AddressRange window)
    {
        var cut = new List<Mapping>();
        foreach (Mapping mapping in _memory.GetMappings())
        {
            if (!mapping.Range.Overlaps(window))
                continue;
            AddressRange range = mapping.Range.Intersect(window);
            ulong offset = mapping.Backing == MappingBacking.File ? mapping.FileOffset + (range.Start - mapping.Range.Start) : 0;
            cut.Add(mapping with { Range = range, FileOffset = offset });
        }

        return cut;
    }

    public string? FindUnannounced(AddressRange window) => _oracle.Check(window);

    public void Dispose()
    {
        _oracle.Dispose();
        _memory.Dispose();
    }
}
