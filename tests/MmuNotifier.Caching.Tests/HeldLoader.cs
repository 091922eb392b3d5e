namespace MmuNotifier.Caching.Tests;

/// <summary>A loader that reads its source when it is called, and returns when the test says so: the race, by hand.</summary>
internal sealed class HeldLoader<T>(Func<T> read)
{
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Complete when the first call has read the source.</summary>
    public Task Entered => _entered.Task.WaitAsync(Patience.Limit);

    public CancellationToken Token { get; private set; }

    public void Release() => _released.TrySetResult();

    /// <summary>Only the first call is held.</summary>
    public async ValueTask<T> LoadAsync(CancellationToken cancellationToken)
    {
        bool isFirst = Interlocked.Increment(ref _calls) == 1;
        T value = read();
        if (!isFirst)
            return value;
        Token = cancellationToken;
        _entered.TrySetResult();
        await _released.Task.WaitAsync(Patience.Limit, cancellationToken);
        return value;
    }
}
