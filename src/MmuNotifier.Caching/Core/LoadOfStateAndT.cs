namespace MmuNotifier.Caching;

/// <summary>A load with its loader.</summary>
internal sealed class Load<TState, T>(
    KeyNode node, LoadTerms terms, string[] tags, TState state, Func<TState, CancellationToken, ValueTask<T>> loader)
    : Load<T>(node, terms, tags)
{
    public override ValueTask<T> InvokeAsync() => loader(state, Token);

    public override LoadTerms TermsToKeep() => state is IKeepObserver<T> { LongestKept: { } longest } ? Terms.NoLongerThan(longest) : Terms;

    public override void NoteKept(T value)
    {
        if (state is IKeepObserver<T> observer)
            observer.OnKept(value);
    }
}
