namespace MmuNotifier;

/// <summary>
/// A notifier that <see cref="AddressSpace.TryFindFirst(AddressRange, out HeldNotifier)"/> found and holds. Dispose it where you got it:
/// its release waits for that. A ref struct, so that no hold outlives its scope.
/// </summary>
/// <remarks>Disposing it again, also a copy of it, is harmless.</remarks>
public readonly ref struct HeldNotifier
{
    private readonly AddressSpace? _space;
    private readonly FindHold _hold;

    internal HeldNotifier(AddressSpace space, FindHold hold)
    {
        _space = space;
        _hold = hold;
        if (MisuseValidation.IsEnabled)
            HeldStack.Current.PushFind(hold.Notifier!);
    }

    /// <summary>The notifier, for edits while the hold lasts.</summary>
    /// <exception cref="InvalidOperationException">The hold has ended, or there was none.</exception>
    public FoundNotifier Found => new(_hold.Notifier ?? throw new InvalidOperationException("No notifier is held."));

    /// <summary>Ends the hold.</summary>
    public void Dispose()
    {
        if (MisuseValidation.IsEnabled && _hold.Notifier is { } notifier)
            HeldStack.Current.PopFind(notifier);
        _space?.LetGo(_hold);
    }
}
