namespace MmuNotifier.Processes.Tests.Ptrace;

[Collection(PtraceGroup.Name)]
public sealed class SleepSurveyTests : IDisposable
{
    private readonly PtraceThread _thread = new();

    public void Dispose() => _thread.Dispose();

    [Theory]
    [InlineData("epoll-t")]
    [InlineData("epoll2-t")]
    [InlineData("sigwait-t")]
    [InlineData("sem-t")]
    [InlineData("recv-t")]
    [InlineData("read-t")]
    [InlineData("aio")]
    [InlineData("aio-t")]
    [InlineData("ring")]
    [InlineData("ring-t")]
    [InlineData("nanosleep-filtered")]
    [InlineData("poll-filtered")]
    [InlineData("futex-filtered")]
    public void A_thread_that_a_stop_would_disturb_is_left_asleep(string kind)
    {
        using WaitingCall call = new(kind, WaitingCall.ForEver);
        SleepSurvey survey = SleepSurvey.Take(call.ProcessId);
        using StoppedProcess process = Freeze(call, survey);
        Assert.Empty(process.ThreadIds);
        Assert.True(process.HasStayedStill());
        Assert.Equal('S', call.State);
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("sem")]
    [InlineData("nanosleep")]
    [InlineData("poll")]
    [InlineData("futex")]
    public void A_thread_whose_call_is_restarted_exactly_is_stopped(string kind)
    {
        using WaitingCall call = new(kind, WaitingCall.ForEver);
        using StoppedProcess process = Freeze(call, SleepSurvey.Take(call.ProcessId));
        Assert.Equal([call.ProcessId], process.ThreadIds);
    }

    [Fact]
    public void A_thread_that_has_slept_anew_since_the_survey_is_stopped()
    {
        using WaitingCall call = new("epoll-t", WaitingCall.ForEver);
        SleepSurvey survey = SleepSurvey.Take(call.ProcessId);
        WakeUp(call);
        using StoppedProcess process = Freeze(call, survey);
        Assert.Equal([call.ProcessId], process.ThreadIds);
    }

    [Fact]
    public void A_thread_that_wakes_up_while_its_process_is_held_is_noticed()
    {
        using WaitingCall call = new("epoll-t", WaitingCall.ForEver);
        using StoppedProcess process = Freeze(call, SleepSurvey.Take(call.ProcessId));
        Assert.True(process.HasStayedStill());
        WakeUp(call);
        Assert.False(process.HasStayedStill());
    }

    [Fact]
    public void A_thread_that_is_left_asleep_does_not_see_our_death_at_any_step()
    {
        using WaitingCall call = new("ring-t", WaitingCall.ForEver, alsoSpins: true);
        int steps = 0;
        for (int exitCode = -1; exitCode != 0;)
        {
            (exitCode, string message) = Killer.Freeze(++steps, call.ProcessId);
            Assert.True(exitCode is 0 or 128 + Tools.SigKill, message);
            call.AssertStillInCall();
        }

        // The other thread was stopped in earnest.
        Assert.True(steps > 3, $"only {steps} steps");
    }

    /// <summary>Goes through a stop of its own: the thread wakes up, and sleeps in the same call again.</summary>
    private static void WakeUp(WaitingCall call)
    {
        using (PtraceThread other = new())
            StoppedProcess.Freeze(other, call.ProcessId).Dispose();
        call.AssertStillInCall();
    }

    private StoppedProcess Freeze(WaitingCall call, SleepSurvey survey)
    {
        FreezeResult result = StoppedProcess.TryFreeze(_thread, call.ProcessId, sleepers: survey);
        Assert.Equal(FreezeOutcome.Stopped, result.Outcome);
        return result.Process!;
    }
}
