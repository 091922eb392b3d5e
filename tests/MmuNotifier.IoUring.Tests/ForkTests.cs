using MmuNotifier.Linux;
using MmuNotifier.Registration;

namespace MmuNotifier.IoUring.Tests;

/// <summary>The parent continues as if there were no child. The tests of the watch show that a child finds no watch.</summary>
[Collection(RingGroup.Name)]
public sealed class ForkTests : RingTest
{
    private const int UnmapNumber = 11;

    [Fact]
    public void What_a_child_unmaps_takes_nothing_from_its_parent()
    {
        using var registry = new IoUringBufferRegistry(Ring.Handle, Watch);
        using var buffer = new Buffer(1);
        int slot;
        using (RegistrationLease<int> lease = registry.Get(buffer.Range))
            slot = lease.Registration;
        using (SystemCallChild child = Fork())
        {
            Assert.Equal(0, child.Call(UnmapNumber, buffer.Address, Buffer.PageBytes));
            using RegistrationLease<int> lease = registry.Get(buffer.Range);
            Assert.Equal(slot, lease.Registration);
            ReadPage(5, slot, buffer.Range);
            AssertAll(6, buffer.Bytes);
        }

        Assert.Equal((1L, 1L), (registry.Cache.Metrics.Hits, registry.Cache.Metrics.Misses));
    }

    [Fact]
    public void What_the_parent_changes_beside_a_child_is_seen()
    {
        using var registry = new IoUringBufferRegistry(Ring.Handle, Watch);
        using var buffer = new Buffer(2);
        byte[] written = new byte[buffer.LengthBytes];
        for (byte value = 1; value < 5; value++)
        {
            buffer.Bytes.Fill(value);
            registry.Get(buffer.Range).Dispose();
            using SystemCallChild child = Fork();
            buffer.Bytes.Fill((byte)(value + 100)); // The pages are pinned, so the child has the copies.
            using (RegistrationLease<int> lease = registry.Get(buffer.Range))
                Assert.Equal(written.Length, Ring.Write(File, 0, lease.Registration, buffer.Address, (uint)written.Length));
            RandomAccess.Read(File, written, 0);
            AssertAll((byte)(value + 100), written);

            buffer.Unmap();
            buffer.MapAnew();
            using (RegistrationLease<int> lease = registry.Get(buffer.Range))
                ReadPage(7, lease.Registration, buffer.Range);
            AssertAll(8, buffer.Bytes[..Buffer.PageBytes]);
        }
    }

    private static SystemCallChild Fork()
    {
        SystemCallChild? child = SystemCallChild.ForkThis(out Hmm.Errno error);
        Assert.True(child is not null, $"{error}");
        return child;
    }
}
