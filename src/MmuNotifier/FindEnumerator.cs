namespace MmuNotifier;

/// <summary>
/// Walks over the notifiers that meet a range; see <see cref="AddressSpace.Find"/>. A ref struct, so that no hold outlives its scope.
/// </summary>
/// <remarks>
/// A copy continues from where the original was, independently; the notifier held then is let go when either of them continues or is
/// disposed.
/// </remarks>
public ref struct FindEnumerator
{
    private readonly AddressSpace _space;
    private readonly AddressRange _range;
    private FindHold _hold;
    private FindPosition _position;

    internal FindEnumerator(AddressSpace space, AddressRange range)
    {
        _space = space;
        _range = range;
    }

    /// <summary>The notifier that is held now.</summary>
    /// <exception cref="InvalidOperationException">
    /// There is none: <see cref="MoveNext"/> was not called or returned false, or a copy of this enumerator has let it go.
    /// </exception>
    public readonly FoundNotifier Current =>
        new(_hold.Notifier ?? throw new InvalidOperationException("No notifier is held; MoveNext must have returned true."));

    /// <summary>This walk itself, for foreach; in the middle of a walk, the rest of it.</summary>
    public readonly FindEnumerator GetEnumerator() => this;

    /// <summary>Lets the current notifier go and holds the next one.</summary>
    /// <returns>False if there is no further one.</returns>
    public bool MoveNext()
    {
        if (_space is null)
            return false;
        NoteLetGo();
        _space.Step(ref _hold, _range, ref _position);
        NoteHeld();
        return _hold.Slot is not null;
    }

    /// <summary>Lets the current notifier go. Harmless when called again, and on every copy.</summary>
    public void Dispose()
    {
        NoteLetGo();
        FindHold hold = _hold;
        _hold = default;
        _space?.LetGo(hold);
    }

    /// <summary>For misuse validation: the thread holds something that Synchronize waits for.</summary>
    private readonly void NoteHeld()
    {
        if (MisuseValidation.IsEnabled && _hold.Notifier is { } notifier)
            HeldStack.Current.PushFind(notifier);
    }

    private readonly void NoteLetGo()
    {
        if (MisuseValidation.IsEnabled && _hold.Notifier is { } notifier)
            HeldStack.Current.PopFind(notifier);
    }
}
