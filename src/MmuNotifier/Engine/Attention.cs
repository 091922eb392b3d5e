namespace MmuNotifier;

/// <summary>What edits ask of a walk that is under way.</summary>
[Flags]
internal enum Attention
{
    None = 0,

    /// <summary>Removals wait for calls: they are notified after each.</summary>
    Removals = 1,

    /// <summary>There are inherited calls: the walk looks after its own hits.</summary>
    Inherited = 2,
}
