namespace MmuNotifier;

/// <summary>How much room a collection keeps that is used again and again: what it needs, not what it once needed.</summary>
internal static class Room
{
    /// <summary>How many uses in a row need less before room is given back, so that uses that alternate allocate nothing.</summary>
    public const int Patience = 64;

    private const int Small = 64;

    /// <summary>Whether the room of a collection that is empty now is worth giving back, where uses allocate anyway.</summary>
    public static bool IsMuch(int capacity) => capacity > Small;

    /// <summary>
    /// Whether a collection has room for many more elements than its last use had: clearing it would cost more than the use.
    /// </summary>
    public static bool IsTooMuch(int capacity, int used) => IsMuch(capacity) && capacity / 4 > used;

    // Room is given back in the middle of walks and edits, where nothing may fail: without memory for less room, the room is kept.

    /// <summary>Replaces an array that holds nothing by a smaller one.</summary>
    public static void GiveBack<T>(ref T[] empty, int length)
    {
        try
        {
            empty = new T[length];
        }
        catch (OutOfMemoryException)
        {
        }
    }

    /// <summary>Gives back what a list has beyond a capacity.</summary>
    public static void GiveBack<T>(List<T> list, int capacity)
    {
        try
        {
            list.Capacity = capacity;
        }
        catch (OutOfMemoryException)
        {
        }
    }

    /// <summary>Gives back what a stack has beyond a capacity.</summary>
    public static void GiveBack<T>(Stack<T> stack, int capacity)
    {
        try
        {
            stack.TrimExcess(capacity);
        }
        catch (OutOfMemoryException)
        {
        }
    }

    /// <summary>Gives back what a dictionary has beyond its elements.</summary>
    public static void GiveBack<TKey, TValue>(Dictionary<TKey, TValue> dictionary)
        where TKey : notnull
    {
        try
        {
            dictionary.TrimExcess();
        }
        catch (OutOfMemoryException)
        {
        }
    }
}
