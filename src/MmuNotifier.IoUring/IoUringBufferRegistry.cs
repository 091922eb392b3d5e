using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using MmuNotifier.Registration;

namespace MmuNotifier.IoUring;

/// <summary>
/// The registered (fixed) buffers of an io_uring, kept in step with memory. The kernel pins the pages that were mapped when a buffer was
/// registered: if the range is unmapped and mapped again, a fixed read goes to the old pages and reports success. Here, a buffer is
/// given out only if it describes the memory as it is.
/// </summary>
/// <remarks>
/// May be used from any thread, with any ring, even one that another library made, as long as no other code registers buffers with that
/// ring. Dispose it before the ring and the watch.
/// </remarks>
public sealed class IoUringBufferRegistry : IDisposable, IAsyncDisposable
{
    /// <summary>The most buffers that a ring takes (<c>IORING_MAX_REG_BUFFERS</c>).</summary>
    public const int MaxSlots = 1 << 14;

    private readonly BufferSlots _slots;

    /// <summary>
    /// Gives the ring an empty table of buffers (<c>IORING_REGISTER_BUFFERS2</c> with <c>IORING_RSRC_REGISTER_SPARSE</c>, Linux 5.19).
    /// </summary>
    /// <param name="ring">The descriptor of the ring; stays the caller's.</param>
    /// <param name="watch">Reports changes of this process's memory; stays the caller's.</param>
    /// <param name="slots">How many buffers may be registered at a time: 1 to <see cref="MaxSlots"/>.</param>
    /// <param name="options">
    /// How the cache behaves; its limit of registrations is at most three quarters of the slots, because registrations that are in use or
    /// not kept need slots as well.
    /// </param>
    /// <param name="logger">Gets the cache's problems; null for no log.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of slots is out of its bounds.</exception>
    /// <exception cref="IoUringBufferException">The ring has a table already, or the kernel is too old.</exception>
    public IoUringBufferRegistry(
        SafeHandle ring, IMemoryWatch watch, int slots = 1024, RegistrationCacheOptions? options = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(ring);
        ArgumentNullException.ThrowIfNull(watch);
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(slots, MaxSlots);
        options ??= new RegistrationCacheOptions { Name = "io_uring" };
        _slots = new BufferSlots(ring, slots);
        Cache = new RegistrationCache<int>(
            watch, _slots, options with { MaxCount = Math.Min(options.MaxCount, Math.Max(1, slots * 3 / 4)) }, logger);
    }

    /// <summary>The cache behind it, for its counts and its limits.</summary>
    public RegistrationCache<int> Cache { get; }

    /// <summary>
    /// Gets a registered buffer that covers a range as it is mapped now. Use <see cref="RegistrationLease{T}.Registration"/> as
    /// <c>buf_index</c> of an <c>IORING_OP_READ_FIXED</c> or <c>WRITE_FIXED</c>, and dispose the lease when the request has completed.
    /// </summary>
    /// <param name="range">Bytes, bounds inclusive; at most 1 GiB. Writable memory that is not mapped from a file on disk.</param>
    /// <exception cref="IoUringBufferException">The kernel refuses the memory, it is not there, or no slot is free.</exception>
    public RegistrationLease<int> Get(AddressRange range)
    {
        try
        {
            return Cache.Get(range);
        }
        catch (MemoryNotMappedException exception)
        {
            throw new IoUringBufferException(
                $"The ring does not take {range} as a buffer: nothing is mapped there, or not throughout.", exception);
        }
    }

    /// <summary>Disposes the cache, which waits for leases in use; then removes the ring's table.</summary>
    public void Dispose()
    {
        Cache.Dispose();
        _slots.Dispose();
    }

    /// <summary>As <see cref="Dispose"/>, but blocks no thread while the cache waits for leases in use.</summary>
    /// <returns>Completes when the ring has no table any more.</returns>
    public async ValueTask DisposeAsync()
    {
        await Cache.DisposeAsync().ConfigureAwait(false);
        _slots.Dispose();
    }
}
