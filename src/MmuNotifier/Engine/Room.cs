namespace MmuNotifier;

/// <summary>How much room a collection keeps that is used again and again: what it needs, not what it once needed.</summary>
internal static class Room
{
    /// <summary>How many uses in a row need less before room is given back, so that uses that alternate allocate nothing.</summary>
    public const int Patience = 64;

    private const int Small = 64;

    /// <summary>Whether the room of a collection that is empty now is worth giving back, where uses allocate anyway.</summary>
    public static bool IsMuch(int capacity) => capacity > Small;

    /// <summary>Whether a collection has room for many more elements than its last use had: clearing it would cost more than the use.</summary>
    public static bool IsTooMuch(int capacity, int used) => IsMuch(capacity) && capacity / 4 > used;
}
