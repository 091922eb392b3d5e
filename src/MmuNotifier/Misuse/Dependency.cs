namespace MmuNotifier;

/// <summary>That one was taken, or waited for, by who held another; as it was first seen.</summary>
/// <param name="sentence">Who holds what and takes what, and where.</param>
internal sealed class Dependency(string sentence)
{
    private volatile string[]? _conflict;

    public string Sentence => sentence;

    /// <summary>
    /// For a call that waits or starts: the rest of the circle that was closed later by somebody else. From then on the call fails too.
    /// Null while there is none.
    /// </summary>
    public string[]? Conflict
    {
        get => _conflict;
        set => _conflict = value;
    }
}
