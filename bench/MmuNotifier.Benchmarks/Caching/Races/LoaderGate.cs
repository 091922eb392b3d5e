namespace MmuNotifier.Benchmarks.Caching.Races;

/// <summary>A loader whose first call reads the source and then waits; further calls do not wait.</summary>
internal sealed class LoaderGate(Func<CancellationToken, ValueTask<int>> read)
{
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _returned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;

    public Task Entered => _entered.Task;

    public Task Returned => _returned.Task;

    public bool HasReturned => _returned.Task.IsCompleted;

    public void Release() => _released.SetResult();

    public async ValueTask<int> LoadAsync(CancellationToken cancellationToken)
    {
        int value = await read(cancellationToken).ConfigureAwait(false);
        if (Interlocked.Increment(ref _calls) > 1)
            return value;
        _entered.SetResult();
        await _released.Task.ConfigureAwait(false);
        _returned.SetResult();
        return value;
    }
}
