using MmuNotifier.Simulation;

namespace MmuNotifier.Hmm.Tests.Faulting;

public sealed class FaultUnlockedTests : IDisposable
{
    private const ulong PageBytes = MirroredMemory.PageBytes;

    private readonly SimulatedMemory _memory = new();
    private readonly FaultingMemory _faulting;
    private readonly IntervalNotifier _notifier;
    private readonly AddressRange _range;
    private readonly FakeTime _time = new();
    private readonly HmmEntry[] _entries = new HmmEntry[2];
    private Func<ulong, Errno> _fault;
    private int _faults;

    public FaultUnlockedTests()
    {
        _memory.Map(0, 2 * PageBytes, Protection.Read | Protection.Write, MapFlags.Private, out ulong address);
        _range = AddressRange.FromLength(address, 2 * PageBytes);
        _notifier = _memory.Space.Insert(_range, static (in Invalidation _) => InvalidateResult.Done);
        _fault = FaultIn;
        _faulting = new FaultingMemory(_memory, page =>
        {
            _faults++;
            return _fault(page);
        });
    }

    public void Dispose()
    {
        _faulting.Dispose();
        _memory.Dispose();
    }

    [Fact]
    public void It_begins_the_section_that_the_driver_checks()
    {
        Assert.Equal(Errno.None, Fault(out ReadSection section));
        Assert.False(section.MustRetry);
        Assert.All(_entries, entry => Assert.True(entry.IsWritable));
        Collide();
        Assert.True(section.MustRetry);
    }

    [Fact]
    public void It_tries_again_after_collisions()
    {
        _fault = page =>
        {
            if (_faults <= 3)
                Collide();
            return FaultIn(page);
        };
        Assert.Equal(Errno.None, Fault(out ReadSection section));
        Assert.False(section.MustRetry);
        Assert.All(_entries, entry => Assert.True(entry.IsWritable));
    }

    [Fact]
    public void It_gives_up_when_its_time_is_over()
    {
        _fault = page => CollideAfter(page, TimeSpan.FromMilliseconds(400));
        Assert.Equal(Errno.Busy, Fault(out _, TimeSpan.FromSeconds(1)));
        Assert.Equal(3, _faults);
    }

    [Fact]
    public void Its_time_begins_anew_when_a_fault_has_let_go_of_the_mapping_lock()
    {
        // Two collisions of 600 ms each are too much, unless the fault in between has waited for somebody.
        _fault = page =>
        {
            CollideAfter(page, TimeSpan.FromMilliseconds(600));
            return _faults == 2 ? Errno.Again : FaultIn(page);
        };
        Assert.Equal(Errno.Busy, Fault(out _, TimeSpan.FromSeconds(1)));
        Assert.Equal(4, _faults);
    }

    [Fact]
    public void Without_a_limit_it_is_tried_for_as_long_as_it_takes()
    {
        _fault = page => _faults < 20 ? CollideAfter(page, TimeSpan.FromHours(1)) : FaultIn(page);
        Assert.Equal(Errno.None, Fault(out _, TimeSpan.Zero));
    }

    [Fact]
    public void It_can_be_given_up()
    {
        using var cancellation = new CancellationTokenSource();
        _fault = page =>
        {
            cancellation.Cancel();
            return CollideAfter(page, TimeSpan.Zero);
        };
        Assert.Throws<OperationCanceledException>(() => HmmRange.FaultUnlocked(
            _faulting, _notifier, _range, _entries, HmmRequest.Fault, out _, cancellationToken: cancellation.Token));
        Assert.Equal(1, _faults);
    }

    [Fact]
    public void Requests_of_single_pages_outlive_collisions()
    {
        _fault = page =>
        {
            if (_faults == 1)
                Collide();
            return FaultIn(page);
        };
        _entries[1] = new HmmEntry((ulong)HmmRequest.Fault);
        Assert.Equal(Errno.None, HmmRange.FaultUnlocked(
            _faulting, _notifier, _range, _entries, HmmRequest.None, out _, requestMask: HmmRequest.Fault));
        Assert.Equal((false, true), (_entries[0].IsValid, _entries[1].IsValid));
    }

    [Fact]
    public void A_removed_notifier_is_to_be_looked_for_again_and_a_space_that_has_gone_is_not()
    {
        _notifier.Remove();
        Assert.Equal(Errno.Again, Fault(out ReadSection section));
        Assert.Equal(ReadStatus.Removed, section.Status);
        IntervalNotifier other = _memory.Space.Insert(_range, static (in Invalidation _) => InvalidateResult.Done);
        _memory.Space.Exit();
        Assert.Equal(Errno.NoProcess, HmmRange.FaultUnlocked(_faulting, other, _range, _entries, HmmRequest.Fault, out section));
        Assert.Equal(ReadStatus.Exited, section.Status);
    }

    [Fact]
    public void Errors_of_the_fault_are_its_errors()
    {
        Assert.Equal(Errno.None, _memory.Protect(_range.Start, PageBytes, Protection.None));
        Assert.Equal(Errno.BadAddress, Fault(out _));
    }

    private Errno Fault(out ReadSection section, TimeSpan? timeout = null) => HmmRange.FaultUnlocked(
        _faulting, _notifier, _range, _entries, HmmRequest.Fault | HmmRequest.Write, out section, timeout, time: _time);

    private Errno FaultIn(ulong page) => _memory.FaultIn(page, isWrite: true);

    private void Collide() => _memory.Space.Invalidate(_range, InvalidationEvent.Clear);

    private Errno CollideAfter(ulong page, TimeSpan time)
    {
        _time.Advance(time);
        Errno error = FaultIn(page);
        _memory.Advise(_range.Start, _range.Length, Advice.DontNeed);
        return error;
    }
}
