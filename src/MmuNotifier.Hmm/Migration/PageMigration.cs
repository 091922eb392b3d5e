namespace MmuNotifier.Hmm;

/// <summary>
/// Moves pages between system memory and a device in three steps (<c>migrate_vma_setup/_pages/_finalize</c>): <see cref="Collect"/>; name
/// a destination for each page that can move; <see cref="Copy"/>; <see cref="Finish"/>. Pages that cannot move stay; the rest move.
/// </summary>
/// <remarks>
/// <para>Not for several threads at once. Between Collect and Finish, CPU touches of the pages wait: be short, and touch none of them.
/// Disposing it puts back what was not finished.</para>
/// <para>A device frame that is named as a destination belongs to the migration from then on: Finish hands those of the pages that move to
/// the memory, and frees the others. So does Dispose. The caller frees none of them.</para>
/// </remarks>
public sealed class PageMigration : IDisposable
{
    private readonly MirroredMemory _memory;
    private readonly MigratePage[] _pages;
    private bool _isCollected;

    /// <summary>Prepares a migration; nothing happens yet.</summary>
    /// <param name="memory">Whose pages.</param>
    /// <param name="range">Whole pages of one mapping.</param>
    /// <param name="select">Which of them.</param>
    /// <param name="owner">The device that asks: its notifiers are not called, its device pages are meant.</param>
    public PageMigration(MirroredMemory memory, AddressRange range, MigrateSelect select, object owner)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(owner);
        if (range.Start % MirroredMemory.PageBytes != 0 || range.Last % MirroredMemory.PageBytes != MirroredMemory.PageBytes - 1)
            throw new ArgumentException($"{range} is not of whole pages of {MirroredMemory.PageBytes} bytes.", nameof(range));
        _memory = memory;
        Range = range;
        Select = select;
        Owner = owner;
        _pages = new MigratePage[checked((int)((range.Last - range.Start) / MirroredMemory.PageBytes) + 1)];
    }

    /// <summary>The pages that it is about.</summary>
    public AddressRange Range { get; }

    /// <summary>Which of them.</summary>
    public MigrateSelect Select { get; }

    /// <summary>The device that asks.</summary>
    public object Owner { get; }

    /// <summary>One element a page; destinations are set here between Collect and Copy.</summary>
    public Span<MigratePage> Pages => _pages;

    /// <summary>
    /// First step: invalidates the range (event Migrate, with the owner) and takes the pages that can move off the CPU's page table.
    /// </summary>
    /// <returns>None; InvalidArgument where a migration makes no sense.</returns>
    public Errno Collect()
    {
        if (_isCollected)
            throw new InvalidOperationException("The pages are collected already; finish this migration first.");
        Array.Clear(_pages);
        Errno error = _memory.CollectPages(Range, Select, Owner, _pages);
        _isCollected = error == Errno.None;
        return error;
    }

    /// <summary>Second step: copies each page that has a destination. One that cannot be copied loses its destination and stays.</summary>
    public void Copy()
    {
        RequireCollected();
        _memory.CopyPages(_pages);
    }

    /// <summary>
    /// Third step: moves what has a destination and can, puts the rest back, and releases the threads that wait for the pages.
    /// </summary>
    /// <returns>How many pages have moved.</returns>
    public int Finish()
    {
        RequireCollected();
        _isCollected = false;
        _memory.FinishPages(Range, Owner, _pages);
        int moved = 0;
        foreach (ref MigratePage page in _pages.AsSpan())
        {
            if (page.IsMoved)
                moved++;
            else if (!page.IsToSystem)
                FreeDestination(ref page);
        }

        return moved;
    }

    /// <summary>Puts back what was collected and not finished.</summary>
    public void Dispose()
    {
        if (!_isCollected)
            return;
        foreach (ref MigratePage page in _pages.AsSpan())
            page.CanMove = false;
        Finish();
    }

    private static void FreeDestination(ref MigratePage page)
    {
        ulong frame = page.DestinationFrame;
        page.DestinationFrame = 0;
        if (frame != 0)
            DeviceMemory.Of(frame)?.Free(frame);
    }

    private void RequireCollected()
    {
        if (!_isCollected)
            throw new InvalidOperationException("Nothing is collected; call Collect first.");
    }
}
