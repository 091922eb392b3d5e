namespace MmuNotifier.Processes.Mirroring;

/// <summary>The process that a session launched or attached to.</summary>
/// <param name="Pid">Its number.</param>
/// <param name="Command">Its name.</param>
/// <param name="Launched">Whether it was launched; otherwise it was attached to.</param>
/// <param name="ExitCode">
/// Of a launched program that has ended: its exit code, 128 and the signal if one killed it. Otherwise null.
/// </param>
public sealed record TargetReport(int Pid, string Command, bool Launched, int? ExitCode);

/// <summary>How many invalidations there were, by event.</summary>
/// <param name="Unmap">Of <see cref="InvalidationEvent.Unmap"/>.</param>
/// <param name="Clear">Of <see cref="InvalidationEvent.Clear"/>, without those that report pages found written.</param>
/// <param name="ProtectionVma">Of <see cref="InvalidationEvent.ProtectionVma"/>.</param>
/// <param name="ProtectionPage">Of <see cref="InvalidationEvent.ProtectionPage"/>: forks.</param>
/// <param name="Release">Address spaces that have exited: the process ended, or executed another program.</param>
/// <param name="Written">Of <see cref="InvalidationEvent.Clear"/>: ranges found written.</param>
public sealed record InvalidationsReport(
    long Unmap, long Clear, long ProtectionVma, long ProtectionPage, long Release, long Written);

/// <summary>What the invalidations came from.</summary>
/// <param name="Unmap">Events of munmap.</param>
/// <param name="Remap">Events of mremap.</param>
/// <param name="Remove">Events of madvise and the like, which drop pages.</param>
/// <param name="Fork">Events of fork.</param>
/// <param name="Vanished">Mappings that had gone without an event.</param>
/// <param name="Protection">Changed protections, found without an event.</param>
/// <param name="Dropped">Pages that had gone without an event.</param>
/// <param name="ReadAgain">Mappings whose file changed, or that cannot be watched.</param>
public sealed record EventsReport(
    long Unmap, long Remap, long Remove, long Fork, long Vanished, long Protection, long Dropped, long ReadAgain);

/// <summary>What was done to the notifiers of mappings.</summary>
/// <param name="Inserted">How many were inserted.</param>
/// <param name="Split">How many were split.</param>
/// <param name="Moved">How many were shrunk or grown.</param>
/// <param name="Removed">How many were removed.</param>
/// <param name="InsideCallbacks">How many of all these were made inside a callback.</param>
public sealed record NotifiersReport(long Inserted, long Split, long Moved, long Removed, long InsideCallbacks);

/// <summary>A range of memory that is treated in a way of its own.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Start">The first byte, in hexadecimal with 0x.</param>
/// <param name="Last">The last byte, in the same form.</param>
/// <param name="Name">What <c>/proc/PID/maps</c> calls it.</param>
/// <param name="Reason">Why.</param>
/// <param name="Pages">How many pages exist in it.</param>
/// <param name="Share">Their part of all pages, mirrored and not: 0 to 1.</param>
public sealed record MemoryReport(int Pid, string Start, string Last, string Name, string Reason, long Pages, double Share);

/// <summary>One verification.</summary>
/// <param name="AtSeconds">When it began, in seconds since the session began.</param>
/// <param name="Processes">How many processes were stopped together.</param>
/// <param name="StopMicros">How long it took until all threads had stopped and all events were handled.</param>
/// <param name="CatchUpMicros">How long it took to bring the mirror up to date.</param>
/// <param name="CompareMicros">How long it took to compare it.</param>
/// <param name="PauseMicros">From the first request to stop until all threads ran again.</param>
/// <param name="PagesRefreshed">Pages copied while the processes were frozen.</param>
/// <param name="PagesLeft">
/// Pages of 4096 bytes that there was no time to copy in the freeze, which copies for two seconds at most; at most so many. They were
/// not compared.
/// </param>
/// <param name="PagesCompared">Pages compared.</param>
/// <param name="PagesDiffering">Of these, pages that were not equal.</param>
/// <param name="AfterEnd">
/// Whether it was of what a launched program left when it ended; nothing was stopped then, and <paramref name="PauseMicros"/> is 0.
/// </param>
public sealed record FreezeReport(
    double AtSeconds,
    int Processes,
    long StopMicros,
    long CatchUpMicros,
    long CompareMicros,
    long PauseMicros,
    long PagesRefreshed,
    long PagesLeft,
    long PagesCompared,
    long PagesDiffering,
    bool AfterEnd);

/// <summary>A verification that could not be made, or not of all processes.</summary>
/// <param name="AtSeconds">When it began, in seconds since the session began.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record AbandonedFreezeReport(double AtSeconds, string Reason);

/// <summary>A program image that was mirrored.</summary>
/// <param name="Pid">Its process.</param>
/// <param name="Command">Its name.</param>
/// <param name="FoundBy">How the session came by it: launched, attached, child, executed, continued or failed.</param>
/// <param name="PagesMirrored">The most pages of it that were held at one time.</param>
/// <param name="PagesCompared">How many were compared; 0: it ended before it was frozen.</param>
/// <param name="ForkEvents">Whether events report its forks.</param>
/// <param name="Failure">Why its watch was given up; null if it was not.</param>
public sealed record ProcessReport(
    int Pid, string Command, string FoundBy, long PagesMirrored, long PagesCompared, bool ForkEvents, string? Failure);

/// <summary>A child of a mirrored process, or a program that one has executed.</summary>
/// <param name="Pid">Its number.</param>
/// <param name="Command">Its name.</param>
/// <param name="Outcome">What became of it, in words.</param>
public sealed record ChildReport(int Pid, string Command, string Outcome);

/// <summary>A page whose copy differed.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Address">Its first byte, in hexadecimal with 0x.</param>
public sealed record DifferenceReport(int Pid, string Address);
