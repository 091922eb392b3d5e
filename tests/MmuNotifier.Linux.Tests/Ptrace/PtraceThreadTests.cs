using MmuNotifier.Linux.Ptrace;

namespace MmuNotifier.Linux.Tests.Ptrace;

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
}
