using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Linux;

/// <summary>
/// Records of new mappings and of mprotect by any thread of this process, by perf events: one for each thread and processor, which threads
/// made later inherit; those of a processor share its ring.
/// </summary>
internal sealed unsafe class MappingRecords : IDisposable
{
    /// <summary>The records use at most 1/4 of RLIMIT_NOFILE.</summary>
    private const ulong ShareOfDescriptors = 4;

    private const int MaxPasses = 100;
    private const Errno NoDevice = (Errno)19;
    private const Errno TooManyEvents = (Errno)7;

    private readonly List<SafeFileHandle> _events = [];
    private readonly List<PerfRing> _rings = [];
    private readonly Dictionary<int, SafeFileHandle> _ringOwners = [];
    private readonly ulong _limit = Syscall.GetDescriptorLimit() / ShareOfDescriptors;
    private readonly int _dataPages;

    private MappingRecords(int dataPages) => _dataPages = dataPages;

    /// <summary>Null with the reason if the records cannot be had, or not those of all threads.</summary>
    /// <param name="reader">
    /// The thread that reads events, which maps nothing: it is left out, as a perf event of a thread makes each of its wake-ups longer, and
    /// callers of munmap wait for this one's. It must run already, or it would inherit.
    /// </param>
    /// <param name="lack">The reason.</param>
    internal static MappingRecords? Open(int reader, out string? lack)
    {
        int dataPages = PerfRingSize.Choose(Syscall.CountOnlineProcessors(), Syscall.GetLockableLimit(), out lack);
        if (lack is not null)
            return null;
        var records = new MappingRecords(dataPages);
        lack = records.AttachAll(reader);
        if (lack is null)
            return records;
        records.Dispose();
        return null;
    }

    internal ulong*[] GetHeads()
    {
        ulong*[] heads = new ulong*[_rings.Count];
        for (int i = 0; i < heads.Length; i++)
            heads[i] = _rings[i].Head;
        return heads;
    }

    /// <summary>As <see cref="PerfRing.TryCollect"/>, of all rings.</summary>
    internal bool TryCollect(WatchedRanges watched, List<MappingRecord> records, int limit)
    {
        bool isComplete = true;
        foreach (PerfRing ring in _rings)
            isComplete &= ring.TryCollect(watched, records, limit);
        return isComplete;
    }

    /// <summary>Ends the records; the heads of the rings can be read as long as this object is there.</summary>
    public void Dispose()
    {
        foreach (SafeFileHandle perfEvent in _events)
        {
            // The mapping of a ring keeps its event alive.
            Syscall.DisablePerfEvent(perfEvent);
            perfEvent.Dispose();
        }
    }

    private string? AttachAll(int reader)
    {
        try
        {
            return AttachAllListed(reader);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"the threads of this process cannot be listed: {exception.Message}";
        }
    }

    private string? AttachAllListed(int reader)
    {
        // A thread that is not attached yet may make another one: until a pass finds none. Those made by an attached one inherit.
        var attached = new HashSet<int> { reader };
        int processors = Syscall.CountConfiguredProcessors();
        for (int pass = 0; pass < MaxPasses; pass++)
        {
            bool foundNew = false;
            foreach (string path in Syscall.ListFolders("/proc/self/task"))
            {
                int threadId = int.Parse(Path.GetFileName(path.AsSpan()), CultureInfo.InvariantCulture);
                if (!attached.Add(threadId))
                    continue;
                foundNew = true;
                if (Attach(threadId, processors) is { } lack)
                    return lack;
            }

            if (!foundNew)
                return _rings.Count == 0 ? "there is no processor to open a perf event on" : null;
        }

        return "new threads come faster than perf events can be attached to them";
    }

    private string? Attach(int threadId, int processors)
    {
        var attributes = new PerfEventAttributes
        {
            Type = PerfEventAttributes.Software,
            Size = PerfEventAttributes.SizeBytes,
            Configuration = PerfEventAttributes.Dummy,
            Flags = PerfEventAttributes.Inherit | PerfEventAttributes.InheritByThreadsOnly
                | PerfEventAttributes.ExcludeKernel | PerfEventAttributes.ExcludeHypervisor
                | PerfEventAttributes.Mappings | PerfEventAttributes.DataMappings | PerfEventAttributes.MappingsWithProtection,
        };
        for (int processor = 0; processor < processors; processor++)
        {
            if ((ulong)_events.Count >= _limit)
                return $"perf events of all threads on all processors need more than {_limit} descriptors";
            SafeFileHandle? perfEvent = Syscall.OpenPerfEvent(in attributes, threadId, processor, out Errno error);
            if (error == Errno.NoProcess)
                return null; // The thread has ended.
            if (error == NoDevice)
                continue; // The processor is off.
            if (perfEvent is null)
                return $"no perf event can be had ({Explain(error)})";
            _events.Add(perfEvent);
            error = Direct(perfEvent, processor);
            if (error != Errno.None)
                return $"the ring of a perf event cannot be had ({Explain(error)})";
        }

        return null;
    }

    private static string Explain(Errno error) => error switch
    {
        Errno.NotPermitted or Errno.AccessDenied =>
            $"{error}: is kernel.perf_event_paranoid above 2, or too much memory locked for RLIMIT_MEMLOCK and kernel.perf_event_mlock_kb?",
        Errno.NoEntry or Errno.NotImplemented => "this kernel has none",
        TooManyEvents => "this kernel does not know all that is asked of it",
        _ => ErrorText.Of(error),
    };

    private Errno Direct(SafeFileHandle perfEvent, int processor)
    {
        if (_ringOwners.TryGetValue(processor, out SafeFileHandle? owner))
            return Syscall.SetPerfOutput(perfEvent, owner);
        PerfRing? ring = PerfRing.Map(perfEvent, _dataPages, out Errno error);
        if (ring is null)
            return error;
        _rings.Add(ring);
        _ringOwners.Add(processor, perfEvent);
        return Errno.None;
    }
}
