namespace MmuNotifier.Processes.Tests.Ptrace;

[Collection(PtraceGroup.Name)]
public class PtraceThreadTests
{
    [Fact]
    public void Calls_run_on_one_thread_that_is_not_the_callers()
    {
        using PtraceThread thread = new();
        int first = thread.Invoke(() => Environment.CurrentManagedThreadId);
        int second = thread.Invoke(() => thread.Invoke(() => Environment.CurrentManagedThreadId));
        Assert.Equal(first, second);
        Assert.NotEqual(Environment.CurrentManagedThreadId, first);
    }

    [Fact]
    public void An_exception_comes_back_to_the_caller_and_the_thread_goes_on()
    {
        using PtraceThread thread = new();
        Assert.Throws<FormatException>(() => thread.Invoke(() => throw new FormatException()));
        Assert.Equal(3, thread.Invoke(() => 3));
    }

    [Fact]
    public void Many_callers_are_served()
    {
        using PtraceThread thread = new();
        int sum = 0;
        Parallel.For(0, 1000, _ => thread.Invoke(() => { sum++; }));
        Assert.Equal(1000, sum);
    }

    [Fact]
    public void A_disposed_thread_refuses()
    {
        PtraceThread thread = new();
        thread.Dispose();
        thread.Dispose();
        Assert.Throws<ObjectDisposedException>(() => thread.Invoke(() => 1));
    }

    [Fact]
    public void A_thread_that_is_caught_is_abandoned_and_replaced()
    {
        using PtraceThread thread = new();
        using ManualResetEventSlim gate = new();
        int meanwhile = 0;
        int caught = thread.Invoke(() => Environment.CurrentManagedThreadId);
        Assert.False(thread.TryInvoke(() => gate.Wait(TimeSpan.FromSeconds(30)), TimeSpan.FromSeconds(0.05), () => meanwhile++, out _));
        Assert.True(meanwhile > 0);
        Assert.NotEqual(caught, thread.Invoke(() => Environment.CurrentManagedThreadId));
        gate.Set();
    }

    [Fact]
    public void A_caller_that_is_asked_to_hurry_gives_up_before_the_limit()
    {
        using CancellationTokenSource hurry = new();
        using PtraceThread thread = new(hurry.Token);
        using ManualResetEventSlim gate = new();
        Assert.False(thread.TryInvoke(() => gate.Wait(TimeSpan.FromSeconds(60)), TimeSpan.FromSeconds(60), hurry.Cancel, out _));
        Assert.False(gate.IsSet);
        gate.Set();
    }

    [Fact]
    public void An_exception_comes_back_through_the_bounded_call_too()
    {
        using PtraceThread thread = new();
        Assert.Throws<FormatException>(
            () => thread.TryInvoke<int>(() => throw new FormatException(), TimeSpan.FromSeconds(30), () => { }, out _));
        Assert.True(thread.TryInvoke(() => 3, TimeSpan.FromSeconds(30), () => { }, out int result));
        Assert.Equal(3, result);
    }
}
