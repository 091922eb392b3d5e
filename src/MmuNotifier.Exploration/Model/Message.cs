namespace MmuNotifier.Exploration.Model;

/// <summary>One write to a location, as long as somebody may read it.</summary>
internal struct Message
{
    /// <summary>The value, if the location is a word.</summary>
    public long Value;

    /// <summary>The value, if the location is a reference.</summary>
    public object? Reference;

    /// <summary>What an acquiring reader of the message sees from then on; null: nothing but the message itself.</summary>
    public View? Released;
}
