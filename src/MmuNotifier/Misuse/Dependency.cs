namespace MmuNotifier;

/// <summary>A thread that held one lock took another, or waited for it; as it was first seen.</summary>
/// <param name="sentence">Who holds what and takes what, and where.</param>
internal sealed class Dependency(string sentence)
{
    private volatile string[]? _conflict;

    public string Sentence => sentence;

    /// <summary>
    /// For a call that waits or starts: the rest of the circle that another thread closed later. From then on the call fails too.
    /// Null while there is none.
    /// </summary>
    public string[]? Conflict
    {
        get => _conflict;
        set => _conflict = value;
    }
}
