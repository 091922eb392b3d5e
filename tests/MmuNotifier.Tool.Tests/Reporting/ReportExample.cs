using MmuNotifier.Processes.Mirroring;

namespace MmuNotifier.Tool.Tests.Reporting;

/// <summary>A report of a launched program, as a session makes it.</summary>
internal static class ReportExample
{
    internal const string Refused = "a shared mapping of a file opened for reading only, which userfaultfd refuses (EPERM)";
    internal const string Clock = "the kernel writes its clock data here at any time";

    internal static MirrorReport Good { get; } = new()
    {
        Target = new TargetReport(4711, "service", Launched: true, ExitCode: 7),
        DurationSeconds = 12.34,
        Rounds = 40,
        PagesMirrored = 51_200,
        PagesFetched = 60_000,
        PagesCompared = 102_400,
        PagesDiffering = 0,
        EventsLost = 0,
        Invalidations = new InvalidationsReport(Unmap: 12, Clear: 0, ProtectionVma: 0, ProtectionPage: 3, Release: 0, Written: 9),
        Events = new EventsReport(12, 0, 0, 3, 0, 0, 0, 0),
        PagesWritten = 1_000,
        Notifiers = new NotifiersReport(80, 0, 0, 12, 12),
        ReadRetries = 0,
        NotMirrored = [new MemoryReport(4711, "0x7ffc12340000", "0x7ffc12343fff", "[vvar]", Clock, 0, 0)],
        MirroredByReading =
        [
            new MemoryReport(4711, "0x7f2276600000", "0x7f2276606fff", "/usr/lib/locale/locale-archive", Refused, 7, 0.0001),
            new MemoryReport(4712, "0x7f1176600000", "0x7f1176602fff", "/usr/lib/locale/locale-archive", Refused, 3, 0.00005),
            .. Enumerable.Range(0, 10).Select(i => new MemoryReport(
                4711,
                $"0x7f33766{i}0000",
                $"0x7f33766{i}0fff",
                $"/usr/share/dotnet/shared/Microsoft.NETCore.App/10.0.0/System.Library{i}.dll",
                Refused,
                Pages: 1,
                Share: 0)),
        ],
        Freezes =
        [
            new FreezeReport(1, 2, 1_000, 20_000, 30_000, 51_500, 40, 3, 51_200, 0, AfterEnd: false),
            new FreezeReport(2, 2, 1_100, 10_000, 30_000, 41_500, 40, 0, 51_200, 0, AfterEnd: false),
        ],
        FreezesAbandoned =
            [new AbandonedFreezeReport(3, "a thread waits for a disk"), new AbandonedFreezeReport(4, "a thread waits for a disk")],
        ProcessesMirrored = 2,
        Processes = [],
        ChildrenFound = 9,
        Children = [.. Enumerable.Range(0, 9).Select(i => new ChildReport(5000 + i, "worker", "followed"))],
        Differences = [],
        Notes = ["A note."],
    };
}
