namespace MmuNotifier.Linux;

/// <summary>The features of userfaultfd that matter for watching memory.</summary>
[Flags]
internal enum UserfaultfdFeatures : ulong
{
    None = 0,
    FaultsOfProtectedPages = 1 << 0,
    EventFork = 1 << 1,
    EventRemap = 1 << 2,
    EventRemove = 1 << 3,
    EventUnmap = 1 << 6,
    WriteProtectHugeAndShared = 1 << 12,
    WriteProtectUnpopulated = 1 << 13,
    WriteProtectAsynchronous = 1 << 15,

    /// <summary>Changes of the mappings, forks, and faults that wait for an answer; marks where pages are away.</summary>
    Serving = FaultsOfProtectedPages | EventFork | EventRemap | EventRemove | EventUnmap | WriteProtectHugeAndShared
        | WriteProtectUnpopulated,

    /// <summary>Changes of the mappings of files, whose faults cannot be answered.</summary>
    Noticing = EventRemap | EventRemove | EventUnmap | WriteProtectHugeAndShared | WriteProtectUnpopulated | WriteProtectAsynchronous,

    /// <summary>
    /// Changes of this process's own mappings. Without <see cref="WriteProtectUnpopulated"/>: a page that is touched after it was dropped
    /// must not come up protected, or it would be taken for one that has not been dropped yet.
    /// </summary>
    OwnChanges = EventRemap | EventRemove | EventUnmap | WriteProtectHugeAndShared | WriteProtectAsynchronous,

    /// <summary>Every change of the mappings that userfaultfd reports, and writes that block nobody.</summary>
    Watching = EventFork | EventRemap | EventRemove | EventUnmap
        | WriteProtectHugeAndShared | WriteProtectUnpopulated | WriteProtectAsynchronous,
}
