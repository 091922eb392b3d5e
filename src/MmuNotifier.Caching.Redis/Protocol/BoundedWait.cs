using System.Runtime.CompilerServices;

namespace MmuNotifier.Caching.Redis;

/// <summary>Waits with a limit. The task continues after the limit; if it fails then, that is no unobserved exception.</summary>
internal static class BoundedWait
{
    /// <remarks>For calls to Redis in a load: it allocates no state machine of its own. Await the result once.</remarks>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<T> WithinAsync<T>(this Task<T> task, TimeSpan limit, CancellationToken cancellationToken = default)
    {
        await WithinAsync((Task)task, limit, cancellationToken).ConfigureAwait(false);
        return await task.ConfigureAwait(false);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public static async ValueTask WithinAsync(this Task task, TimeSpan limit, CancellationToken cancellationToken = default)
    {
        try
        {
            await task.WaitAsync(limit, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception)
        {
            Observe(task);
            throw;
        }
    }

    private static void Observe(Task task) => task.ContinueWith(
        static failed => _ = failed.Exception,
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);
}
