namespace MmuNotifier.Tests.Linearisability;

/// <summary>What there is to know about a notifier.</summary>
internal sealed class ModelNotifier(int id)
{
    public int Id => id;

    public NotifierState State { get; set; } = NotifierState.New;

    public AddressRange Range { get; set; }

    /// <summary>Whether the space exited while it was in there.</summary>
    public bool IsExited { get; set; }

    public bool IsInserted => State == NotifierState.Inserted;

    public bool Meets(AddressRange range) => IsInserted && Range.Overlaps(range);
}
