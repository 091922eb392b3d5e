namespace MmuNotifier.Registration.Tests.Real;

/// <summary>What shows a change, the cheapest first.</summary>
internal enum SeenBy
{
    Event,
    Record,
    Scan,
    Nothing,
}

/// <summary>What memory a change is made to.</summary>
internal enum MemoryKind
{
    Anonymous,
    Untouched,
    ZeroPage,
    SharedAnonymous,
    Memfd,
    PrivateMemfd,
    Segment,
}

/// <summary>A row of the matrix.</summary>
/// <param name="Seen">What shows it to a cache whose provider only notes frames.</param>
/// <param name="Change">The change.</param>
/// <param name="Kind">Of what memory.</param>
/// <param name="IsStaleUnpinned">Whether the next hit is stale with the default options if the provider only notes frames.</param>
/// <param name="IsStalePinned">The same if it holds the pages.</param>
internal sealed record ChangeRow(
    SeenBy Seen, Action<ChangedMemory> Change, MemoryKind Kind =
        MemoryKind.Anonymous, bool IsStaleUnpinned = false, bool IsStalePinned = false)
{
    /// <summary>The kernel refuses to hold pages of a private read-only mapping and the like.</summary>
    internal bool CanBePinned { get; init; } = true;
}
