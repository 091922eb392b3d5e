using System.Runtime.CompilerServices;

namespace MmuNotifier.Caching.Redis.Tests.Protocol;

public sealed class BoundedWaitTests
{
    /// <summary>Programs log unobserved exceptions, or end by them.</summary>
    [Fact]
    public void A_call_that_fails_when_nobody_waits_any_more_is_no_unobserved_exception()
    {
        int unobserved = 0;
        EventHandler<UnobservedTaskExceptionEventArgs> count = (_, arguments) =>
        {
            if (arguments.Exception.InnerException is LateException)
                Interlocked.Increment(ref unobserved);
        };
        TaskScheduler.UnobservedTaskException += count;
        try
        {
            FailAfterTheLimit();
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Assert.Equal(0, unobserved);
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= count;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FailAfterTheLimit()
    {
        var call = new TaskCompletionSource<int>();
        Assert.Throws<TimeoutException>(() => call.Task.WithinAsync(TimeSpan.FromMilliseconds(1)).AsTask().GetAwaiter().GetResult());
        call.SetException(new LateException());
    }

    private sealed class LateException : Exception;
}
