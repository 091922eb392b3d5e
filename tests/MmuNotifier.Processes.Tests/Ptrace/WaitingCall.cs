namespace MmuNotifier.Processes.Tests.Ptrace;

/// <summary>A target that makes one system call which waits, and prints its result and whether its registers are unchanged.</summary>
internal sealed class WaitingCall : IDisposable
{
    internal const int ForEver = 1_000_000;

    private readonly Target _target;

    /// <param name="kind">As in Targets/target.c.</param>
    /// <param name="seconds">The time limit, of calls that have one.</param>
    /// <param name="alsoSpins">Whether a second thread computes all the time.</param>
    internal WaitingCall(string kind, int seconds, bool alsoSpins = false)
    {
        string[] command = [TargetProgram.Path, "call", kind, seconds.ToString(System.Globalization.CultureInfo.InvariantCulture)];
        _target = Target.Start(alsoSpins ? [.. command, "spin"] : command);
        string answer = _target.ReadLine();
        if (answer == "none")
            Dispose();
        Assert.SkipWhen(answer == "none", "io_uring is denied here");
        Assert.Equal("ready", answer);
        Patience.Until(IsInCall, "the target is in its call");
        Call = ReadCall();
    }

    internal int ProcessId => _target.ProcessId;

    /// <summary>What /proc says of the call: its number, its arguments and where it was made.</summary>
    internal string Call { get; }

    internal char State => _target.State;

    /// <summary>Waits until the thread is back in the same call, with the same arguments and the same stack.</summary>
    internal void AssertStillInCall() => Patience.Until(() => ReadCall() == Call, "the target is in its call again");

    internal bool HasLeftCall() => ProcessStatus.ReadWithoutStart(ProcessId) is not { IsDead: false };

    internal string ReadLine() => _target.ReadLine();

    public void Dispose() => _target.Dispose();

    private bool IsInCall() => _target.State == 'S' && ReadCall() is { Length: > 0 } call && call[0] is >= '0' and <= '9';

    private string ReadCall()
    {
        try
        {
            return File.ReadAllText($"/proc/{ProcessId}/syscall").Trim();
        }
        catch (IOException)
        {
            return "";
        }
    }
}
