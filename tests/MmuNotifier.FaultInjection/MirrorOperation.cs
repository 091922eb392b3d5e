using MmuNotifier.Processes;
using MmuNotifier.Processes.Mirroring;

namespace MmuNotifier.FaultInjection;

/// <summary>Mirrors a process for a while and verifies it; a last time when nothing fails any more.</summary>
internal sealed class MirrorOperation(string program) : TargetOperation(program)
{
    internal override string Name => "mirror";

    protected override string? RunOn(Injector injector, FaultCase? faultCase)
    {
        injector.Arm(faultCase);
        try
        {
            using var session = new MirrorSession(new MirrorOptions
            {
                ProcessId = Target.ProcessId,
                VerifyEvery = TimeSpan.FromMilliseconds(120),
                Round = TimeSpan.FromMilliseconds(40),
                Duration = TimeSpan.FromMilliseconds(500),
                OutputToError = true,
            }, CancellationToken.None);
            session.Begin();
            session.Run(() => { }, CancellationToken.None);
            injector.Disarm();
            // The time is over: only the last verification.
            int before = session.Freezes.Count;
            session.Run(() => { }, CancellationToken.None);
            bool isVerified = session.Freezes.Count > before;
            int alive = session.ProcessesAlive;
            session.LetGo();
            return injector.HasKilledTarget ? null : Judge(session.GetReport(), alive, isVerified);
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

    private static string? Judge(MirrorReport report, int alive, bool isVerified)
    {
        if (report.PagesDiffering > 0)
            return $"{report.PagesDiffering} pages differ";
        if (report.Children.Any(child => child.Outcome.Contains("executed this program", StringComparison.Ordinal)))
            return "wrong report: the target is said to have executed a program";
        if (alive == 0
            && report.EventsLost == 0
            && !report.Children.Any(child => child.Outcome.StartsWith("not followed", StringComparison.Ordinal)))
            return "wrong report: the target is not mirrored any more, and nothing says so";
        return alive > 0
            && !isVerified
            && report.FreezesAbandoned.Count == 0 ? "wrong report: the last verification is missing, and nothing says so" : null;
    }
}
