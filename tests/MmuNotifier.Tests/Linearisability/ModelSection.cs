namespace MmuNotifier.Tests.Linearisability;

/// <summary>A read section over a part of a notifier, or over all of it; it retries from the first event that meets it on.</summary>
internal sealed class ModelSection(ModelNotifier notifier, AddressRange? part, bool mustRetry)
{
    /// <summary>When more invalidations have passed, a section over a part may retry needlessly (docs/contract.md, item 14).</summary>
    private const int Remembered = 32;

    private int _invalidations;

    public ModelNotifier Notifier => notifier;

    public bool MustRetry { get; private set; } = mustRetry;

    public bool MayRetry => MustRetry || (part is not null && _invalidations > Remembered);

    public void NoteInvalidation(AddressRange range)
    {
        _invalidations++;
        MustRetry |= part?.Overlaps(range) ?? true;
    }

    public void NoteEdit() => MustRetry = true;

    public bool Allows(bool retries) => retries ? MayRetry : !MustRetry;
}
