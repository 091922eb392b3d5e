using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <content>Which mappings there are.</content>
public sealed partial class LiveProcess
{
    /// <summary>Its own lock: what was unmapped since the last refresh.</summary>
    private readonly ChangedRanges _unmapped = new();
    private MemorySharing _sharing = MemorySharing.Unknown;

    /// <summary>
    /// Brings the watch up to date: what was mapped since the last time is watched from now on, and what has changed without an event
    /// becomes an invalidation, on this thread. Reads the maps: a millisecond for some thousand mappings. The process is not stopped.
    /// </summary>
    /// <returns>False if the program is gone.</returns>
    /// <exception cref="InvalidOperationException">As <see cref="LiveProcess"/> says.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public bool Refresh()
    {
        using Call call = Enter();
        return RefreshNow();
    }

    /// <summary>
    /// All mappings, in the order of addresses, after a <see cref="Refresh"/>. Neighbours that are alike are one. Asks all processes of the
    /// machine which of them share memory with this one, if it has shared memory.
    /// </summary>
    /// <exception cref="ProcessExitedException">The program is gone.</exception>
    /// <exception cref="InvalidOperationException">As <see cref="LiveProcess"/> says; or the maps could not be read.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public IReadOnlyList<LiveMapping> GetMappings()
    {
        using Call call = Enter();
        if (RefreshNow())
        {
            _ = SurveySharing();
            if (RefreshNow())
                return _watch.Mappings.ConvertAll(mapping => LiveMapping.Of(in mapping));
        }

        RequireProgram();
        throw new InvalidOperationException($"The mappings of process {ProcessId} could not be read.");
    }

    /// <summary>
    /// Begins to track which pages are written: protects all that can be protected. The first write to each page costs the process a page
    /// fault: about 1 µs, on a virtual machine 10 µs and more.
    /// </summary>
    /// <exception cref="ProcessExitedException">The program is gone.</exception>
    /// <exception cref="InvalidOperationException">As <see cref="LiveProcess"/> says; or the kernel refused the look.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public WriteTracker TrackWrites()
    {
        using Call call = Enter();
        return new WriteTracker(this, _watch);
    }

    internal MemorySharing SurveySharing() => _sharing = _watcher.SurveySharing([_watch]);

    private bool RefreshNow()
    {
        _mustRefresh = false;
        List<AddressRange> unmapped;
        lock (_unmapped)
            unmapped = _unmapped.Take();
        if (_watch.Refresh(_sharing))
        {
            RegisterAgain(unmapped);
            return true;
        }

        lock (_unmapped)
            unmapped.ForEach(_unmapped.Add);
        _mustRefresh = true;
        if (_watch is { IsOver: false, IsImageGone: true })
            _watcher.End(_watch);
        return false;
    }

    /// <summary>
    /// What was mapped where something was unmapped may look like it in the maps, and is not registered then: its next change would have no
    /// event.
    /// </summary>
    private void RegisterAgain(List<AddressRange> unmapped)
    {
        foreach (AddressRange range in unmapped)
        {
            for (int i = FirstFrom(range.Start); i < _watch.Mappings.Count && _watch.Mappings[i].Range.Overlaps(range); i++)
            {
                if (CoreContents.IsArmed(_watch.Mappings[i]))
                    _watch.RegisterAgain(_watch.Mappings[i]);
            }
        }
    }

    /// <summary>Whether all of a range lies in mappings that are known, and nothing was unmapped since.</summary>
    private bool IsKnown(AddressRange range)
    {
        if (_mustRefresh)
            return false;
        for (int i = FirstFrom(range.Start); i < _watch.Mappings.Count && _watch.Mappings[i].Range.Contains(range.Start); i++)
        {
            AddressRange mapping = _watch.Mappings[i].Range;
            if (mapping.Last >= range.Last)
                return true;
            range = new AddressRange(mapping.Last + 1, range.Last);
        }

        return false;
    }

    /// <summary>The first known mapping that does not lie before the address.</summary>
    private int FirstFrom(ulong address) =>
        AddressOrder.FirstFrom(CollectionsMarshal.AsSpan(_watch.Mappings), address, static mapping => mapping.Mapping.Last);
}
