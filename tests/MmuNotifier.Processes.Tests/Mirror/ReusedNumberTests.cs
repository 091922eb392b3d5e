using System.Diagnostics;
using System.Globalization;
using MmuNotifier.Processes.Tests.Ptrace;

namespace MmuNotifier.Processes.Tests.Mirror;

/// <summary>The number of a process that has ended belongs to another one soon; that one must not be stopped, read or mirrored.</summary>
[Collection(PtraceGroup.Name)]
public sealed class ReusedNumberTests : IDisposable
{
    private const int NumbersCannotBeChosen = 3;

    private readonly NativeTarget _numberProgram = new("number");

    public void Dispose() => _numberProgram.Dispose();

    [Fact]
    public void A_later_process_with_the_number_is_not_attached_to()
    {
        // A shell in between reaps it: as a child of the runtime it would keep its number.
        using Process shell = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", "sleep 1000 & echo $!; wait"]) { RedirectStandardOutput = true })!;
        int number = int.Parse(shell.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
        ulong startTime = ProcessStatus.ReadStartTime(number, out _);
        // Start times are known to a hundredth of a second.
        Assert.True(SpinWait.SpinUntil(() => IsOlderThanATick(number), TimeSpan.FromSeconds(10)));
        using Process stranger = Process.Start(
            new ProcessStartInfo(_numberProgram.Program, [$"{number}"]) { RedirectStandardOutput = true })!;
        try
        {
            using var victim = Process.GetProcessById(number);
            victim.Kill();
            string? answer = stranger.StandardOutput.ReadLine();
            Assert.SkipWhen(
                answer is null && stranger.WaitForExit(Patience.Limit) && stranger.ExitCode == NumbersCannotBeChosen,
                "numbers of processes cannot be chosen here");
            Assert.Equal("ready", answer);
            Assert.NotEqual(startTime, ProcessStatus.ReadStartTime(number, out _));
            using var watcher = new ProcessWatcher();

            ProcessAttachException refusal = Assert.Throws<ProcessAttachException>(() => watcher.Attach(number, startTime));

            Assert.Contains("ended", refusal.Message, StringComparison.Ordinal);
            Assert.Equal(0, ProcessStatus.Read(number, out _)!.TracerId);
            Assert.DoesNotContain(Directory.EnumerateFiles($"/proc/{number}/fd"), path =>
                new FileInfo(path).LinkTarget?.Contains("userfaultfd", StringComparison.Ordinal) == true);
        }
        finally
        {
            stranger.Kill();
        }
    }

    private static bool IsOlderThanATick(int processId) =>
        Environment.TickCount64 - ((long)ProcessStatus.ReadStartTime(processId, out _) * 10) > 20;
}
