using Microsoft.Win32.SafeHandles;
using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <content>fork.</content>
public sealed unsafe partial class LinuxMemory
{
    private const string ChildHandlerLack = "Pages of a child are not taken from its CPUs.";

    /// <summary>Whose memory it is: this process, or the child.</summary>
    internal int ProcessId => _calls.ProcessId;

    /// <inheritdoc/>
    /// <remarks>
    /// <para>A process of its own that runs nothing of the runtime, and ends within a second of this process's end. It has no descriptor of
    /// this process, but can map every file that this memory, or one that a fork relates to it, makes before or after. It outlives this
    /// memory. Pages that devices have come back before.</para>
    /// <para>As long as it lives, this process's writes to its own private memory are copies: dispose it soon.</para>
    /// </remarks>
    /// <exception cref="InvalidOperationException">No process, descriptor or memory is left, or this memory was disposed.</exception>
    public override VirtualMemory Fork()
    {
        SafeFileHandle scratch = MakeScratch();
        try
        {
            using (_family.Lock.Hold())
            using (_mappingLock.Hold())
                return ForkAnnounced(scratch);
        }
        catch (InvalidOperationException)
        {
            scratch.Dispose();
            throw;
        }
    }

    // A mapping that children do not get (DONTFORK, WIPEONFORK) is announced with the others:
    // the kernel tells of these only where it lists mappings with all their pages counted.
    private LinuxMemory ForkAnnounced(SafeFileHandle scratch)
    {
        _family.Lock.AssertHeld();
        _mappingLock.AssertHeld();
        if (_isDisposed)
            throw new InvalidOperationException("The memory was disposed.");
        List<InvalidationScope> scopes = [];
        try
        {
            foreach ((QueriedMapping mapping, AddressRange range) in ListMappings())
            {
                // The child's mapping is not the handler's: it would find zeros where devices have pages.
                ReturnRange(range);
                bool isHugeTlb = mapping.PageSizeBytes > PageBytes;
                if (!mapping.Shared && HasAnonymousPages(range))
                    scopes.Add(Space.StartInvalidation(range, isHugeTlb ? InvalidationEvent.Clear : InvalidationEvent.ProtectionPage));
                // Nor would it be seen which of the two that share a page a device has for its own once one of them was written.
                _devicePages.FreeResident(range);
            }

            IMemoryCalls calls = _calls.Fork(scratch, out Errno error)
                ?? throw new InvalidOperationException($"There can be no child ({error}).");
            try
            {
                return new LinuxMemory(_family, scratch, _ =>
                    calls, static () => (null, ChildHandlerLack), reserveUnmappedRanges: false).Inheriting(this);
            }
            catch (InvalidOperationException)
            {
                calls.Dispose();
                throw;
            }
        }
        finally
        {
            scopes.ForEach(scope => scope.Dispose());
        }
    }

    /// <summary>In a new child: takes over what was mapped in the parent and is mapped here.</summary>
    private LinuxMemory Inheriting(LinuxMemory parent)
    {
        _mappings.Replace(parent._mappings.ToArray());
        _mappings.Replace(ListMappings().ConvertAll(found => found.Range));
        return this;
    }

    private bool HasAnonymousPages(AddressRange range)
    {
        const PageCategories others = PageCategories.File | PageCategories.ZeroPage;
        var filter = new PageFilter(others, others, PageCategories.Present | PageCategories.Swapped, PageCategories.Present);
        Span<PageRegion> regions = stackalloc PageRegion[1];
        PageMapStatus status = _pageMap.Scan(range.Start, range.Last, regions, PageScanFlags.None, filter, 1, out int count, out _);
        return status != PageMapStatus.Complete || count > 0;
    }
}
