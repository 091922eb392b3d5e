namespace MmuNotifier.Caching;

/// <summary>A load with its result.</summary>
internal abstract class Load<T>(KeyNode node, LoadTerms terms, string[] tags) : Load(node)
{
    private readonly TaskCompletionSource<T> _result = new();

    /// <summary>Made under the key's lock when somebody joins; by the end of the load nobody can join any more.</summary>
    private TaskCompletionSource<T>? _joinedResult;

    public LoadTerms Terms { get; } = terms;

    public string[] Tags { get; } = tags;

    /// <summary>
    /// For the caller that began the load. It continues on the thread that ends the load: a switch to another thread costs more than the
    /// rest of a load.
    /// </summary>
    public Task<T> Task => _result.Task;

    /// <summary>For one more caller. It continues in the thread pool, so that no other waits for what it does with the value.</summary>
    public Task<T> Join()
    {
        Node.Lock.AssertHeld();
        Callers++;
        return (_joinedResult ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
    }

    /// <summary>Under no lock, as the last step of the load: the caller that began it may continue in here.</summary>
    public void SetResult(T value)
    {
        _joinedResult?.TrySetResult(value);
        _result.TrySetResult(value);
    }

    /// <summary>Callers that are left get the exception. If none is left, nobody has to have seen it.</summary>
    public void SetFailure(Exception exception)
    {
        if (_joinedResult is not null)
            Fail(_joinedResult, exception);
        Fail(_result, exception);
    }

    /// <summary>Calls the loader: user code, under no lock.</summary>
    public abstract ValueTask<T> InvokeAsync();

    /// <summary>How the value of the attempt that has returned is kept.</summary>
    public abstract LoadTerms TermsToKeep();

    /// <summary>Lookups get the value from now on, unless it was invalidated already.</summary>
    public abstract void NoteKept(T value);

    private void Fail(TaskCompletionSource<T> result, Exception exception)
    {
        if (exception is OperationCanceledException && Token.IsCancellationRequested)
            result.TrySetCanceled(Token);
        else
            result.TrySetException(exception);
        _ = result.Task.Exception;
    }
}
