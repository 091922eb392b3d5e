extern alias iouring;
using System.Diagnostics;
using FaultInjection = iouring::MmuNotifier.Linux.FaultInjection;

namespace MmuNotifier.IoUring.Tests;

/// <summary>What a transfer does when io_uring_enter fails.</summary>
[Collection(RingGroup.Name)]
public sealed class FixedRingTests : RingTest
{
    private const int Interrupted = 4;
    private const int NoMemoryNow = 11;

    /// <summary>Longer than the kernel may refuse a request.</summary>
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(1.2);

    public override void Dispose()
    {
        FaultInjection.Plan = null;
        base.Dispose();
    }

    [Fact]
    public void A_transfer_that_signals_interrupt_for_long_succeeds()
    {
        using var slots = new BufferSlots(Ring.Handle, 1);
        using var buffer = new Buffer(1);
        int slot = slots.Register(buffer.Range);
        long start = Stopwatch.GetTimestamp();
        Fail(() => Stopwatch.GetElapsedTime(start) < s_long ? Interrupted : 0);

        ReadPage(2, slot, buffer.Range);

        AssertAll(3, buffer.Bytes);
    }

    [Fact]
    public void A_ring_that_is_refused_for_good_says_so_and_makes_no_transfer_later()
    {
        using var slots = new BufferSlots(Ring.Handle, 1);
        using var buffer = new Buffer(1);
        int slot = slots.Register(buffer.Range);
        Fail(() => NoMemoryNow);

        Assert.Equal(-NoMemoryNow, Ring.Read(File, 0, slot, buffer.Address, Buffer.PageBytes));

        FaultInjection.Plan = null;
        ReadPage(2, slot, buffer.Range);
        AssertAll(3, buffer.Bytes);
    }

    private static void Fail(Func<int> error)
    {
        int thread = Environment.CurrentManagedThreadId;
        FaultInjection.Plan = call => call == "io_uring_enter" && Environment.CurrentManagedThreadId == thread ? error() : 0;
    }
}
