namespace MmuNotifier;

/// <summary>Walks over the notifiers that meet a range; see <see cref="AddressSpace.Find"/>. A ref struct, so that no hold outlives its scope.</summary>
public ref struct FindEnumerator
{
    private readonly AddressSpace _space;
    private readonly AddressRange _range;
    private IntervalNotifier? _current;
    private TreePlace _after;

    internal FindEnumerator(AddressSpace space, AddressRange range)
    {
        _space = space;
        _range = range;
    }

    /// <summary>The notifier that is held now.</summary>
    /// <exception cref="InvalidOperationException">There is none: <see cref="MoveNext"/> was not called or returned false.</exception>
    public readonly FoundNotifier Current =>
        new(_current ?? throw new InvalidOperationException("No notifier is held; MoveNext must have returned true."));

    /// <summary>This walk itself, for foreach.</summary>
    public readonly FindEnumerator GetEnumerator() => this;

    /// <summary>Lets the current notifier go and holds the next one.</summary>
    /// <returns>False if there is no more.</returns>
    public bool MoveNext()
    {
        Dispose();
        if (_space is null)
            return false;
        _current = _space.FindAndHold(_range, ref _after);
        return _current is not null;
    }

    /// <summary>Lets the current notifier go. Harmless when called again.</summary>
    public void Dispose()
    {
        IntervalNotifier? held = _current;
        _current = null;
        if (held is not null)
            _space.LetGo(held);
    }
}
