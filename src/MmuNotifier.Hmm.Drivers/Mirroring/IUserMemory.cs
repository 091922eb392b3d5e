namespace MmuNotifier.Hmm.Drivers.Mirroring;

/// <summary>The memory of the program that gives a command: where its buffer is (<c>copy_from_user</c>, <c>copy_to_user</c>).</summary>
public interface IUserMemory
{
    /// <summary>Reads the program's bytes.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="destination">Gets them.</param>
    /// <returns>None or BadAddress.</returns>
    Errno Read(ulong address, Span<byte> destination);

    /// <summary>Writes the program's bytes.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="source">The bytes.</param>
    /// <returns>None or BadAddress.</returns>
    Errno Write(ulong address, ReadOnlySpan<byte> source);
}
