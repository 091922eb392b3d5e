using MmuNotifier.Registration;

namespace MmuNotifier.IoUring.Tests;

/// <summary>docs/io-uring.md: a buffer is registered, unmapped, and mapped again at the same address.</summary>
[Collection(RingGroup.Name)]
public sealed class CorruptionTests : RingTest
{
    [Fact]
    public void Bare_slot_reads_into_the_pages_of_before_and_reports_success()
    {
        using var slots = new BufferSlots(Ring.Handle, 1);
        using var buffer = new Buffer(1);
        int slot = slots.Register(buffer.Range);
        ReadPage(0, slot, buffer.Range);
        AssertAll(1, buffer.Bytes);

        buffer.Unmap();
        buffer.MapAnew();
        ReadPage(1, slot, buffer.Range);
        AssertAll(0, buffer.Bytes); // What was read is not there.
    }

    [Fact]
    public void Bare_slot_writes_the_bytes_of_before_to_the_file()
    {
        using var slots = new BufferSlots(Ring.Handle, 1);
        using var buffer = new Buffer(1);
        buffer.Bytes.Fill(0xAA);
        int slot = slots.Register(buffer.Range);

        buffer.Unmap();
        buffer.MapAnew();
        buffer.Bytes.Fill(0xBB);
        Assert.Equal(Buffer.PageBytes, Ring.Write(File, 0, slot, buffer.Address, Buffer.PageBytes));
        byte[] written = new byte[Buffer.PageBytes];
        RandomAccess.Read(File, written, 0);
        AssertAll(0xAA, written);
    }

    [Fact]
    public void Registry_reads_into_the_pages_that_are_there()
    {
        using var registry = new IoUringBufferRegistry(Ring.Handle, Watch);
        using var buffer = new Buffer(1);
        for (int page = 0; page < FilePages; page++)
        {
            using (RegistrationLease<int> lease = registry.Get(buffer.Range))
                ReadPage(page, lease.Registration, buffer.Range);
            AssertAll((byte)(page + 1), buffer.Bytes);
            buffer.Unmap();
            buffer.MapAnew();
        }

        Assert.Equal((0L, (long)FilePages), (registry.Cache.Metrics.Hits, registry.Cache.Metrics.Misses));
    }

    [Fact]
    public void Registry_writes_the_bytes_that_are_there()
    {
        using var registry = new IoUringBufferRegistry(Ring.Handle, Watch);
        using var buffer = new Buffer(1);
        byte[] written = new byte[Buffer.PageBytes];
        for (byte value = 1; value < 10; value++)
        {
            buffer.Bytes.Fill(value);
            using (RegistrationLease<int> lease = registry.Get(buffer.Range))
                Assert.Equal(Buffer.PageBytes, Ring.Write(File, 0, lease.Registration, buffer.Address, Buffer.PageBytes));
            RandomAccess.Read(File, written, 0);
            AssertAll(value, written);
            buffer.Unmap();
            buffer.MapAnew();
        }
    }

    [Fact]
    public void Memory_that_stays_is_registered_once()
    {
        using var registry = new IoUringBufferRegistry(Ring.Handle, Watch);
        using var buffer = new Buffer(4);
        for (int page = 0; page < FilePages; page++)
        {
            using RegistrationLease<int> lease = registry.Get(buffer.Range);
            ReadPage(page, lease.Registration, buffer.Range);
            AssertAll((byte)(page + 1), buffer.Bytes[..Buffer.PageBytes]);
        }

        Assert.Equal((FilePages - 1L, 1L), (registry.Cache.Metrics.Hits, registry.Cache.Metrics.Misses));
    }
}
