namespace MmuNotifier.Hmm;

/// <summary>What the pointers of a request point to: the memory of whoever makes it (<c>copy_from_user</c>, <c>copy_to_user</c>).</summary>
public interface IUserMemory
{
    /// <summary>Reads all of the bytes.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="destination">Gets the bytes; may be empty.</param>
    /// <returns>None, or BadAddress.</returns>
    Errno Read(ulong address, Span<byte> destination);

    /// <summary>Writes all of the bytes.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="source">The bytes; may be empty.</param>
    /// <returns>None, or BadAddress.</returns>
    Errno Write(ulong address, ReadOnlySpan<byte> source);
}
