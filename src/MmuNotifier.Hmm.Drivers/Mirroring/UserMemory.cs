namespace MmuNotifier.Hmm.Drivers.Mirroring;

/// <summary>A program whose buffer lies in an address space of the model.</summary>
/// <param name="memory">The address space.</param>
public sealed class UserMemory(VirtualMemory memory) : IUserMemory
{
    /// <inheritdoc/>
    public Errno Read(ulong address, Span<byte> destination) => memory.Load(address, destination);

    /// <inheritdoc/>
    public Errno Write(ulong address, ReadOnlySpan<byte> source) => memory.Store(address, source);
}
