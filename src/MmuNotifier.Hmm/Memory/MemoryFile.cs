namespace MmuNotifier.Hmm;

/// <summary>
/// A file that can be mapped, or a piece of memory that is shared as if it were one. Changes of its size and holes reach every mapping,
/// with the invalidations that belong to them.
/// </summary>
/// <remarks>May be used from any thread. Disposing it closes it; mappings keep it alive.</remarks>
public abstract class MemoryFile : IDisposable
{
    /// <summary>Length in bytes.</summary>
    public abstract ulong Length { get; }

    /// <summary>Sets the length (ftruncate): pages beyond it are dropped from every mapping.</summary>
    /// <param name="length">The new length in bytes.</param>
    /// <returns>The error, or none.</returns>
    public abstract Errno Truncate(ulong length);

    /// <summary>Makes the range read as zeros (fallocate with PUNCH_HOLE and KEEP_SIZE), in every mapping too.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Length in bytes, at least 1.</param>
    /// <returns>The error, or none.</returns>
    public abstract Errno PunchHole(ulong offset, ulong length);

    /// <summary>Reads bytes of the file (pread).</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="destination">Where they go.</param>
    /// <returns>How many bytes were read: fewer at the end of the file.</returns>
    public abstract int Read(ulong offset, Span<byte> destination);

    /// <summary>Writes bytes to the file (pwrite); shared mappings see them.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="source">The bytes.</param>
    /// <returns>The error, or none.</returns>
    public abstract Errno Write(ulong offset, ReadOnlySpan<byte> source);

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the file.</summary>
    /// <param name="disposing">Whether called by <see cref="Dispose()"/>.</param>
    protected abstract void Dispose(bool disposing);
}
