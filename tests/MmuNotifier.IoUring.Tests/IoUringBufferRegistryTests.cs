using MmuNotifier.Linux;
using MmuNotifier.Registration;

namespace MmuNotifier.IoUring.Tests;

[Collection(RingGroup.Name)]
public sealed class IoUringBufferRegistryTests : RingTest
{
    [Fact]
    public void Memory_of_a_file_on_a_disk_is_refused()
    {
        using var registry = new IoUringBufferRegistry(Ring.Handle, Watch);
        using var buffer = new Buffer(1, File);
        buffer.Bytes[0] = 1;
        IoUringBufferException exception = Assert.Throws<IoUringBufferException>(() => registry.Get(buffer.Range));
        Assert.Contains("file", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, registry.Cache.Metrics.Registrations);
    }

    [Fact]
    public void What_is_not_mapped_is_refused_and_costs_no_slot()
    {
        using var registry = new IoUringBufferRegistry(Ring.Handle, Watch, slots: 1);
        using var buffer = new Buffer(1);
        buffer.Unmap();
        for (int i = 0; i < 3; i++)
        {
            IoUringBufferException exception = Assert.Throws<IoUringBufferException>(() => registry.Get(buffer.Range));
            Assert.Contains("nothing is mapped there", exception.Message, StringComparison.Ordinal);
        }

        buffer.MapAnew();
        using RegistrationLease<int> lease = registry.Get(buffer.Range);
        ReadPage(0, lease.Registration, buffer.Range);
    }

    [Fact]
    public void Buffer_over_the_kernels_limit_is_refused_with_the_limit()
    {
        using var registry = new IoUringBufferRegistry(Ring.Handle, Watch);
        using var buffer = new Buffer((1 << 18) + 1);
        string message = Assert.Throws<IoUringBufferException>(() => registry.Get(buffer.Range)).Message;
        Assert.Contains("1073741824 bytes (1 GiB)", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Idle_buffers_are_given_up_before_a_get_is_refused_for_want_of_a_slot()
    {
        var options = new RegistrationCacheOptions { MaxBytes = 3 * Buffer.PageBytes };
        using var registry = new IoUringBufferRegistry(Ring.Handle, Watch, slots: 4, options);
        using var buffer = new Buffer(16);
        for (int i = 0; i < 3; i++)
            registry.Get(buffer.Page(i)).Dispose();
        AddressRange large = AddressRange.FromLength(buffer.Address + (8 * Buffer.PageBytes), 4 * Buffer.PageBytes); // Not to be kept.
        using RegistrationLease<int> first = registry.Get(large);
        using RegistrationLease<int> second = registry.Get(large);
        Assert.False(first.IsCached || second.IsCached);
        Assert.True(registry.Cache.Count < 3);
    }

    [Fact]
    public void Ring_that_has_a_table_already_is_refused()
    {
        using var slots = new BufferSlots(Ring.Handle, 1);
        IoUringBufferException exception = Assert.Throws<IoUringBufferException>(() => new IoUringBufferRegistry(Ring.Handle, Watch));
        Assert.Contains("has a table already", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(IoUringBufferRegistry.MaxSlots + 1)]
    public void Number_of_slots_out_of_bounds_is_refused(int slots) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new IoUringBufferRegistry(Ring.Handle, Watch, slots));

    [Fact]
    public void Ring_takes_the_most_slots_and_a_table_again_after_dispose()
    {
        new IoUringBufferRegistry(Ring.Handle, Watch, IoUringBufferRegistry.MaxSlots).Dispose();
        new IoUringBufferRegistry(Ring.Handle, Watch).Dispose();
    }

    [Fact]
    public async Task DisposeAsync_waits_for_the_leases_and_takes_the_table_from_the_ring()
    {
        using var buffer = new Buffer(1);
        var options = new RegistrationCacheOptions { DrainTimeout = TimeSpan.FromDays(1) };
        var registry = new IoUringBufferRegistry(Ring.Handle, Watch, options: options);
        RegistrationLease<int> lease = registry.Get(buffer.Page(0));
        Task ended = registry.DisposeAsync().AsTask();
        Assert.False(ended.IsCompleted);
        lease.Dispose();
        await ended.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
        new IoUringBufferRegistry(Ring.Handle, Watch).Dispose(); // A ring has one table at a time.
    }

    [Fact]
    public void When_all_slots_are_leased_get_says_so_until_a_lease_ends()
    {
        const int slots = 4;
        using var registry = new IoUringBufferRegistry(Ring.Handle, Watch, slots);
        using var buffer = new Buffer(slots + 1);
        var leases = new Stack<RegistrationLease<int>>();
        for (int i = 0; i < slots; i++)
            leases.Push(registry.Get(buffer.Page(i)));
        Assert.Equal(slots, leases.Select(lease => lease.Registration).Distinct().Count());
        Assert.Contains(
            "Every slot", Assert.Throws<IoUringBufferException>(() => registry.Get(buffer.Page(slots))).Message, StringComparison.Ordinal);

        leases.Pop().Dispose(); // The last was not kept, for a quarter of the slots is for those: its slot is free with its lease.
        using (RegistrationLease<int> lease = registry.Get(buffer.Page(slots)))
            ReadPage(0, lease.Registration, buffer.Page(slots));
        foreach (RegistrationLease<int> lease in leases)
            lease.Dispose();
    }

    [Fact]
    public void Slots_are_used_anew_however_many_buffers_come_and_go()
    {
        using var registry = new IoUringBufferRegistry(Ring.Handle, Watch, slots: 4);
        using var buffer = new Buffer(64);
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 64; i++)
            {
                using RegistrationLease<int> lease = registry.Get(buffer.Page(i));
                Assert.InRange(lease.Registration, 0, 3);
                ReadPage(i % FilePages, lease.Registration, buffer.Page(i));
                AssertAll((byte)((i % FilePages) + 1), buffer.Bytes.Slice(i * Buffer.PageBytes, Buffer.PageBytes));
            }
        }

        Assert.True(registry.Cache.Count <= 3);
    }

    [Fact]
    public void Lease_holds_its_slot_while_the_memory_goes()
    {
        using var registry = new IoUringBufferRegistry(Ring.Handle, Watch);
        using var buffer = new Buffer(1);
        RegistrationLease<int> before = registry.Get(buffer.Range);
        buffer.Unmap();
        buffer.MapAnew();
        using (RegistrationLease<int> after = registry.Get(buffer.Range))
        {
            Assert.NotEqual(before.Registration, after.Registration);
            Assert.False(before.IsValid);
            ReadPage(1, after.Registration, buffer.Range);
            AssertAll(2, buffer.Bytes);
            ReadPage(2, before.Registration, buffer.Range); // Still a buffer: its users continue to use it, with the old pages.
            AssertAll(2, buffer.Bytes);
        }

        Assert.Equal(2, registry.Cache.Metrics.Registrations);
        before.Dispose();
        Assert.Equal(1, registry.Cache.Metrics.Registrations);
    }

    [Fact]
    public void Two_rings_have_tables_of_their_own_over_the_same_memory()
    {
        using FixedRing other = FixedRing.Create(out _)!;
        using var first = new IoUringBufferRegistry(Ring.Handle, Watch);
        using var second = new IoUringBufferRegistry(other.Handle, Watch);
        using var buffer = new Buffer(1);
        for (int i = 0; i < 3; i++)
        {
            using (RegistrationLease<int> lease = first.Get(buffer.Range))
                ReadPage(3, lease.Registration, buffer.Range);
            AssertAll(4, buffer.Bytes);
            using (RegistrationLease<int> lease = second.Get(buffer.Range))
                Assert.Equal(Buffer.PageBytes, other.Read(File, 0, lease.Registration, buffer.Address, Buffer.PageBytes));
            AssertAll(1, buffer.Bytes);
            buffer.Unmap();
            buffer.MapAnew();
        }
    }

    [Fact]
    public void Without_a_watch_that_works_buffers_are_registered_for_one_lease_each()
    {
        var watch = new LinuxMemoryWatch(new AddressSpace());
        watch.Dispose();
        Assert.NotNull(watch.Failure);
        using var registry = new IoUringBufferRegistry(Ring.Handle, watch);
        using var buffer = new Buffer(1);
        for (int page = 0; page < 3; page++)
        {
            using (RegistrationLease<int> lease = registry.Get(buffer.Range))
            {
                Assert.False(lease.IsCached);
                ReadPage(page, lease.Registration, buffer.Range);
            }

            AssertAll((byte)(page + 1), buffer.Bytes);
            Assert.Equal(0, registry.Cache.Metrics.Registrations);
            buffer.Unmap();
            buffer.MapAnew();
        }
    }
}
