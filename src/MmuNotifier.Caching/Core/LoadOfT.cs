namespace MmuNotifier.Caching;

/// <summary>A load with its result.</summary>
internal abstract class Load<T>(KeyNode node, LoadTerms terms, string[] tags) : Load(node)
{
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LoadTerms Terms { get; } = terms;

    public string[] Tags { get; } = tags;

    public Task<T> Task => _result.Task;

    public void SetResult(T value) => _result.TrySetResult(value);

    /// <summary>Callers that are left get the exception. If none is left, nobody has to have seen it.</summary>
    public void SetFailure(Exception exception)
    {
        if (exception is OperationCanceledException && Token.IsCancellationRequested)
            _result.TrySetCanceled(Token);
        else
            _result.TrySetException(exception);
        _ = Task.Exception;
    }

    /// <summary>Calls the loader: user code, under no lock.</summary>
    public abstract ValueTask<T> InvokeAsync();

    /// <summary>Lookups get the value from now on, unless it was invalidated already.</summary>
    public abstract void NoteKept(T value);
}
