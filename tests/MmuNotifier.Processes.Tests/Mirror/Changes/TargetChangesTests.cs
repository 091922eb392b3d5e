using System.Diagnostics;
using MmuNotifier.Processes.Mirroring;
using MmuNotifier.Processes.Tests.Ptrace;

namespace MmuNotifier.Processes.Tests.Mirror.Changes;

/// <summary>
/// The target, or a child of it, changes between two steps of the mirror, for every place between steps and every change: the mirror says
/// so in one line at most, continues with the rest, and does no harm.
/// </summary>
/// <remarks>
/// A sample of the matrix unless the environment variable MMUN_CHANGES is "all", which takes three minutes.
/// </remarks>
[Collection(PtraceGroup.Name)]
public sealed class TargetChangesTests : IDisposable
{
    private const int SampleStep = 7;

    /// <summary>Nobody needs so long; it bounds a hang.</summary>
    private static readonly TimeSpan RunLimit = TimeSpan.FromSeconds(60);

    private readonly NativeTarget _program = new("changing");
    private readonly NativeTarget _numberProgram = new("number");

    public void Dispose()
    {
        _program.Dispose();
        _numberProgram.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Whatever_the_target_does_at_any_step_the_mirror_copes(bool isChild)
    {
        TargetChange[] changes = [.. Enum.GetValues<TargetChange>().Where(ChangingTarget.IsPossible)];
        bool isComplete = Environment.GetEnvironmentVariable("MMUN_CHANGES") == "all";
        var places = new List<string>();
        Learn(places, Run(place: null, TargetChange.Exits, isChild));
        int cells = 0, run = 0, missed = 0;
        for (int i = 0; i < places.Count; i++)
        {
            for (int j = 0; j < changes.Length; j++)
            {
                if (++cells % SampleStep != 0 && !isComplete)
                    continue;
                StepTrigger trigger = Run(places[i], changes[j], isChild);
                Learn(places, trigger);
                run++;
                missed += trigger.HasFired ? 0 : 1;
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{places.Count} places between steps × {changes.Length} changes of {(isChild ? "a child" : "the target")}: "
            + $"{run} run; in {missed} of them the place was not met again");
        Assert.True(missed < run, "no place was met");
    }

    /// <summary>The event reader gives a watch up when it cannot handle an event, at any moment of the session's thread.</summary>
    [Theory]
    [InlineData("read mappings")]
    [InlineData("register")]
    [InlineData("read pages")]
    public void A_watch_that_is_given_up_in_the_middle_of_a_step_counts_as_lost_events(string step)
    {
        using var target = new ChangingTarget(_program.Program, _numberProgram.Program);
        using var end = new CancellationTokenSource();
        MirrorSession? session = null;
        int isGivenUp = 0;
        var options = new MirrorOptions
        {
            ProcessId = target.Root,
            FollowChildren = false,
            AfterStep = name =>
            {
                if (name == step && session?.Mirrors.FirstOrDefault() is { } mirror && Interlocked.Exchange(ref isGivenUp, 1) == 0)
                    mirror.Watch.GiveUp(new InvalidOperationException("a test"));
            },
        };
        using (session = new MirrorSession(options, end.Token))
        {
            session.Begin();
            end.CancelAfter(RunLimit);
            session.Run(() => { }, end.Token);
            Assert.False(end.IsCancellationRequested);
            Assert.Equal(1, session.Mirrors.Sum(mirror => mirror.Watch.Counters.EventsLost));
        }

        target.AssertUnharmed(target.Root, step);
    }

    private static void Learn(List<string> places, StepTrigger trigger) => places.AddRange(trigger.Places.Except(places));

    private StepTrigger Run(string? place, TargetChange change, bool isChild)
    {
        using var target = new ChangingTarget(_program.Program, _numberProgram.Program);
        int victim = isChild ? target.Child : target.Root;
        var trigger = new StepTrigger(place, () => target.Change(victim, change));
        string cell = $"{change} of {(isChild ? "the child" : "the target")} at '{place}'";
        try
        {
            Mirror(target, victim, change, trigger, expectsFreeze: isChild
                || !(ChangingTarget.Ends(change) || ChangingTarget.Freezes(change)), cell);
        }
        catch (ProcessAttachException refusal)
        {
            Assert.DoesNotContain('\n', refusal.Message);
            Assert.True(!isChild && (ChangingTarget.Ends(change) || ChangingTarget.Freezes(change)), $"{cell}: {refusal.Message}");
        }
        catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{cell}: {exception}");
        }

        if (trigger.HasFired && ChangingTarget.Ends(change))
            target.AssertEnded(victim);
        else
            target.AssertUnharmed(victim, cell, ChangingTarget.Freezes(change));
        target.AssertUnharmed(isChild ? target.Root : target.Child, cell);
        return trigger;
    }

    /// <summary>Mirrors until the change has happened, and a freeze has been made after it.</summary>
    private static void Mirror(ChangingTarget target, int victim, TargetChange change, StepTrigger trigger, bool expectsFreeze, string cell)
    {
        using var end = new CancellationTokenSource();
        var options = new MirrorOptions
        {
            ProcessId = target.Root,
            VerifyEvery = TimeSpan.FromSeconds(0.02),
            Round = TimeSpan.FromSeconds(0.01),
            AfterStep = trigger.After,
        };
        long begin = Stopwatch.GetTimestamp();
        using var session = new MirrorSession(options, end.Token);
        session.Begin();
        int freezesBefore = -1, abandonedBefore = 0;
        session.Run(
            () =>
            {
                if (trigger.HasFired && freezesBefore < 0)
                    (freezesBefore, abandonedBefore) = (session.Freezes.Count, session.FreezesAbandoned.Count);
                bool isDone = freezesBefore >= 0
                    && (session.Freezes.Skip(freezesBefore).Any(freeze => freeze.Comparison.Compared > 0)
                        || (!expectsFreeze && session.FreezesAbandoned.Count > abandonedBefore + 3));
                bool isNotMet = session.Freezes.Count >= 6 && trigger.TryDisarm();
                if (isDone || isNotMet || Stopwatch.GetElapsedTime(begin) > RunLimit)
                    end.Cancel();
            },
            end.Token);
        session.LetGo();
        Assert.True(session.Mirrors.Count(mirror => mirror.Watch.ProcessId == victim) <= 1
            || !ChangingTarget.Ends(change), $"{cell}: a stranger was mirrored");
        Assert.True(Stopwatch.GetElapsedTime(begin) < RunLimit, $"{cell}: it took {Stopwatch.GetElapsedTime(begin)}");
        Assert.All(session.Mirrors, mirror => Assert.True(mirror.Watch.Failure is null, $"{cell}: {mirror.Watch.Failure}"));
        Assert.True(session.Freezes.Sum(freeze => freeze.Comparison.Differing) == 0, $"{cell}: pages differ");
        Assert.All(session.FreezesAbandoned, freeze => Assert.DoesNotContain('\n', freeze.Reason));
        if (expectsFreeze)
        {
            string reasons = string.Join(' ', session.FreezesAbandoned.Select(freeze => freeze.Reason));
            Assert.True(
                session.Freezes.Skip(Math.Max(freezesBefore, 0)).Sum(freeze => freeze.Comparison.Compared) > 0,
                $"{cell}: nothing was compared in {session.Freezes.Count} freezes after {freezesBefore}; {reasons}");
        }
    }
}
