namespace MmuNotifier.Tests.Stress;

/// <summary>Names one invalidation, as its owner, so that both calls of a pair are known to belong together.</summary>
internal sealed class StressToken
{
    private volatile bool _isEnding;

    /// <summary>Set before the end is asked for.</summary>
    public bool IsEnding => _isEnding;

    public void NoteEnding() => _isEnding = true;
}
