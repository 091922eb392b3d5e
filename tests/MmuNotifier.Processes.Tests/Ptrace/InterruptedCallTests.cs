namespace MmuNotifier.Processes.Tests.Ptrace;

/// <summary>Calls that the kernel does not restart by itself, or restarts by a call that a filter forbids.</summary>
[Collection(PtraceGroup.Name)]
public sealed class InterruptedCallTests : IDisposable
{
    private const int Freezes = 5;

    private readonly PtraceThread _thread = new();

    public void Dispose() => _thread.Dispose();

    [Theory]
    [InlineData("epoll-t", 0)]
    [InlineData("epoll2-t", 0)]
    [InlineData("sigwait-t", -11)]
    [InlineData("sem-t", -11)]
    [InlineData("recv-t", -11)]
    [InlineData("read-t", -11)]
    [InlineData("aio-t", 0)]
    [InlineData("ring-t", -62)]
    [InlineData("nanosleep-filtered", 0)]
    [InlineData("poll-filtered", 0)]
    [InlineData("futex-filtered", -110)]
    public void A_call_with_a_time_limit_ends_by_its_limit(string kind, int expected)
    {
        using WaitingCall call = new(kind, seconds: 1);
        for (int i = 0; i < Freezes; i++)
            StoppedProcess.Freeze(_thread, call.ProcessId).Dispose();
        Assert.Equal($"returned {expected}", call.ReadLine());
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("sem")]
    [InlineData("aio")]
    [InlineData("ring")]
    [InlineData("epoll-t")]
    [InlineData("sigwait-t")]
    [InlineData("recv-t")]
    [InlineData("ring-t")]
    [InlineData("nanosleep-filtered")]
    public void A_call_goes_on_with_the_same_arguments(string kind)
    {
        using WaitingCall call = new(kind, WaitingCall.ForEver);
        for (int i = 0; i < Freezes; i++)
        {
            StoppedProcess.Freeze(_thread, call.ProcessId).Dispose();
            call.AssertStillInCall();
        }
    }

    [Theory]
    [InlineData("epoll-t", 0)]
    [InlineData("ring-t", -62)]
    [InlineData("aio-t", 0)]
    public void An_attach_is_not_seen(string kind, int expected)
    {
        using WaitingCall call = new(kind, seconds: 1);
        UserfaultfdInjection.Create(_thread, call.ProcessId).Handle.Dispose();
        Assert.Equal($"returned {expected}", call.ReadLine());
    }

    /// <remarks>
    /// A thread that has been asked to stop leaves its call before we can see it. Killed by then, after the request or after the first look
    /// at the registers, we leave it with the kernel's answer. On a busy machine it is asked more than once.
    /// </remarks>
    [Theory]
    [InlineData("ring")]
    [InlineData("epoll-t")]
    public void Our_death_is_not_seen_once_the_call_is_set_up_to_be_repeated(string kind)
    {
        WaitingCall call = new(kind, WaitingCall.ForEver);
        try
        {
            for (int step = 1, exitCode = -1; exitCode != 0; step++)
            {
                (exitCode, string[] last) = Killer.AttachTellingSteps(step, call.ProcessId);
                Patience.Until(() => call.HasLeftCall() || call.State == 'S', "the target is let go of");
                if (!call.HasLeftCall())
                {
                    call.AssertStillInCall();
                    continue;
                }

                Assert.Equal("returned -4", call.ReadLine());
                Assert.True(last is [.., "killed after interrupt"] or ["interrupt", "killed after get registers"], string.Join(", ", last));
                call.Dispose();
                call = new WaitingCall(kind, WaitingCall.ForEver);
            }
        }
        finally
        {
            call.Dispose();
        }
    }
}
