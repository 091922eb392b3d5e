namespace MmuNotifier.Tests.Contract;

/// <summary>When a section over a part retries. The races are scenarios.</summary>
public class PreciseRetryTests
{
    private static readonly AddressRange s_part = new(0, 9);
    private static readonly AddressRange s_elsewhere = new(50, 59);

    private readonly AddressSpace _space = new();
    private readonly TestNotifier _notifier = new();

    public PreciseRetryTests()
    {
        _space.Insert(_notifier, new AddressRange(0, 99));
    }

    /// <remarks>A start is held up between its bump and its note; and a start that finds its entry taken has none.</remarks>
    [Fact]
    public void A_section_does_not_retry_for_a_bump_that_is_not_noted_yet()
    {
        var log = new InvalidationLog();
        log.Note(1, s_elsewhere, originSection: 0);
        Assert.False(log.MustRetry(0, 2, s_part, originSection: 0));
        log.Note(2, s_part, originSection: 0);
        Assert.True(log.MustRetry(0, 2, s_part, originSection: 0));
        Assert.False(log.MustRetry(2, 3, s_part, originSection: 0));
        log.NoteUnlogged(3);
        Assert.True(log.MustRetry(2, 3, s_part, originSection: 0));
        Assert.False(log.MustRetry(3, 4, s_part, originSection: 0));
    }

    [Fact]
    public void A_section_retries_for_its_part_and_not_for_elsewhere()
    {
        ReadSection section = _notifier.ReadBegin(s_part);
        for (int i = 0; i < InvalidationLog.Capacity; i++)
        {
            Assert.False(section.MustRetry);
            _space.StartInvalidation(s_elsewhere, InvalidationEvent.Clear).Dispose();
        }

        Assert.False(section.MustRetry);
        _space.StartInvalidation(s_elsewhere, InvalidationEvent.Clear).Dispose();
        Assert.True(section.MustRetry); // One more than the log has room for.

        section = _notifier.ReadBegin(s_part);
        _space.StartInvalidation(s_part, InvalidationEvent.Clear).Dispose();
        Assert.True(section.MustRetry);
    }

    [Fact]
    public void A_section_retries_after_an_edit()
    {
        ReadSection section = _notifier.ReadBegin(s_part);
        _ = _notifier.Move(new AddressRange(5, 99));
        Assert.True(section.MustRetry);
        section = _notifier.ReadBegin(new AddressRange(6, 9));
        _notifier.Cut(new AddressRange(40, 49), () => new TestNotifier());
        Assert.True(section.MustRetry);
        section = _notifier.ReadBegin(new AddressRange(6, 9));
        _notifier.RemoveDeferred();
        Assert.True(section.MustRetry);
    }
}
