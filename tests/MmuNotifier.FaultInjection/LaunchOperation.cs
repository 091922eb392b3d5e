using MmuNotifier.Processes;
using MmuNotifier.Processes.Mirroring;

namespace MmuNotifier.FaultInjection;

/// <summary>Launches a program, mirrors it to its end, and gives its exit code.</summary>
internal sealed class LaunchOperation(string program) : Operation
{
    private const int ExitCode = 7;

    internal override string Name => "launch";

    internal override string? Run(Injector injector, FaultCase? faultCase)
    {
        injector.Arm(faultCase);
        try
        {
            using var session = new MirrorSession(new MirrorOptions
            {
                Program = [program, "0.4"],
                VerifyEvery = TimeSpan.FromMilliseconds(150),
                Duration = TimeSpan.FromSeconds(8),
                OutputToError = true,
            }, CancellationToken.None);
            session.Begin();
            session.Run(() => { }, CancellationToken.None);
            injector.Disarm();
            session.LetGo();
            if (session.Mirrors.Sum(mirror => mirror.Differences.Count) is > 0 and int different)
                return $"{different} pages differ";
            return session.TargetExitCode is null or ExitCode ? null : $"exit code {session.TargetExitCode}";
        }
        catch (ProcessAttachException refusal)
        {
            return CheckMessage(refusal.Message);
        }
        finally
        {
            injector.Disarm();
        }
    }
}
