using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <summary>The entries of 2 MiB: one huge one, or 512 small ones.</summary>
internal sealed class PageBlock
{
    private readonly Pte _huge;
    private Pte[]? _entries;
    private int _used;

    public PageBlock() => _entries = new Pte[PageTable.HugePages];

    public PageBlock(Pte huge) => _huge = huge;

    public bool IsHuge => _entries is null;

    public bool IsEmpty => _entries is not null && _used == 0;

    public Pte Get(int slot) => _entries is null ? _huge with { Frame = _huge.Frame + (ulong)slot } : _entries[slot];

    public void Set(int slot, Pte entry)
    {
        ref Pte place = ref _entries![slot];
        _used += (entry.State == PageState.None ? 0 : 1) - (place.State == PageState.None ? 0 : 1);
        place = entry;
    }

    public void Split()
    {
        var entries = new Pte[PageTable.HugePages];
        for (int i = 0; i < entries.Length; i++)
            entries[i] = Get(i) with { Order = 0 };
        _entries = entries;
        _used = entries.Length;
    }
}
