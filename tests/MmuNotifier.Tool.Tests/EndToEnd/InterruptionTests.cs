using System.Globalization;

namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>A command that is asked to stop says what it has until then.</summary>
[Collection(EndToEndGroup.Name)]
public class InterruptionTests
{
    [Theory]
    [InlineData(Mmun.Interrupt, "svm: ok; device accesses ", "lab stress --driver svm --duration 100000")]
    [InlineData(Mmun.Terminate, "svm:", "lab explore --driver svm --preemptions 5 --seconds 100000")]
    [InlineData(Mmun.Interrupt, "R1: ", "lab races --iterations 1000000000")]
    [InlineData(Mmun.HangUp, "churn: ok; ", "churn --duration 100000")]
    public void Partial_counts(int signal, string expected, string command)
    {
        using var mmun = new Mmun(command.Split(' '));
        Patience.Until(() => mmun.HasEnded || Catches(mmun.ProcessId, Mmun.HangUp), "it can be interrupted");
        mmun.TrySignal(signal);
        int exitCode = mmun.WaitForExit();
        Assert.SkipWhen(exitCode == 2, mmun.Error); // No io_uring, for example.
        Assert.Equal(128 + signal, exitCode);
        Assert.StartsWith(expected, mmun.Output, StringComparison.Ordinal);
        Assert.Equal("mmun: Interrupted: the counts are those until then.", mmun.Error);
    }

    private static bool Catches(int processId, int signal)
    {
        const string prefix = "SigCgt:\t";
        string line = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith(prefix, StringComparison.Ordinal));
        ulong caught = ulong.Parse(line.AsSpan(prefix.Length), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return (caught & (1UL << (signal - 1))) != 0;
    }
}
