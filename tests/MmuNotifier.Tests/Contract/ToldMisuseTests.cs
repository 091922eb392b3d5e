namespace MmuNotifier.Tests.Contract;

/// <summary>Misuse beside waits in callbacks and under locks: a thread that waits for itself, and what nobody would hear of.</summary>
public class ToldMisuseTests
{
    private static readonly AddressRange s_range = new(0, 99);

    private readonly AddressSpace _space = new();
    private readonly TestNotifier _notifier = new();

    public ToldMisuseTests()
    {
        _space.Insert(_notifier, s_range);
    }

    [Fact]
    public void A_reader_inside_the_scope_of_its_own_thread_is_told()
    {
        using (_space.StartInvalidation(new AddressRange(10, 19), InvalidationEvent.Clear))
        {
            string message = Assert.Throws<MisuseException>(() => _notifier.ReadBegin()).Message;
            Assert.Contains("[0xa, 0x13]", message, StringComparison.Ordinal);
            Assert.Throws<MisuseException>(() => _notifier.ReadBegin(new AddressRange(15, 29)));
            Assert.True(_notifier.ReadWaiters.IsEmpty);
        }

        Assert.Equal(ReadStatus.Open, _notifier.ReadBegin().Status);
    }

    [Fact]
    public void A_reader_that_does_not_wait_for_its_own_scope_is_not_told()
    {
        var origin = new InvalidationOrigin();
        ReadSection section = _notifier.ReadBegin(new AddressRange(10, 19), origin);
        using (_space.StartInvalidation(new AddressRange(10, 19), InvalidationEvent.Migrate, owner: null, origin))
        {
            Assert.False(section.MustRetry);
            Assert.Equal(ReadStatus.Open, _notifier.ReadBegin(new AddressRange(30, 39)).Status);
            Assert.Equal(ReadStatus.Invalidating, _notifier.ReadBeginNoWait().Status);
            Assert.Throws<OperationCanceledException>(() => _notifier.ReadBegin(new CancellationToken(canceled: true)));
            Task<ReadSection> later = _notifier.ReadBeginAsync().AsTask();
            Assert.False(later.IsCompleted);
        }
    }

    [Fact]
    public void A_reader_that_waits_for_the_scope_of_another_thread_is_not_told()
    {
        InvalidationScope scope = default;
        var starter = new Thread(() => scope = _space.StartInvalidation(s_range, InvalidationEvent.Clear));
        starter.Start();
        starter.Join();
        Task end = Task.Run(() =>
        {
            Patience.Until(() => !_notifier.ReadWaiters.IsEmpty, "the reader waits");
            scope.Dispose();
        });
        Assert.Equal(ReadStatus.Open, _notifier.ReadBegin().Status);
        Assert.True(end.Wait(TestNotifier.Limit));
    }

    [Fact]
    public void A_barrier_inside_a_find_is_told()
    {
        foreach (FoundNotifier found in _space.Find(s_range))
        {
            found.RemoveDeferred();
            string message = Assert.Throws<MisuseException>(() => _space.Synchronize()).Message;
            Assert.Contains("a find that holds", message, StringComparison.Ordinal);
        }

        _space.Synchronize();
    }

    [Fact]
    public void A_barrier_while_the_first_notifier_at_an_address_is_held_is_told()
    {
        Assert.True(_space.TryFindFirst(s_range.Start, out HeldNotifier held));
        using (held)
        {
            held.Found.RemoveDeferred();
            string message = Assert.Throws<MisuseException>(() => _space.Synchronize()).Message;
            Assert.Contains("a find that holds", message, StringComparison.Ordinal);
        }

        _space.Synchronize();
    }

    [Fact]
    public void Other_waits_inside_a_find_are_not_told()
    {
        var other = new TestNotifier();
        var elsewhere = new AddressSpace();
        _space.Insert(other, new AddressRange(1000, 1999));
        foreach (FoundNotifier found in _space.Find(s_range))
        {
            Assert.Equal(ReadStatus.Open, found.Notifier.ReadBegin().Status);
            other.Remove();
            elsewhere.Synchronize();
            _ = _space.SynchronizeAsync();
        }

        foreach (FoundNotifier found in _space.Find(s_range))
            break;
        FindEnumerator find = _space.Find(s_range);
        Assert.True(find.MoveNext());
        FindEnumerator copy = find;
        copy.Dispose();
        find.Dispose();
        _space.Synchronize();
    }

    [Fact]
    public void A_thread_that_ends_with_an_open_scope_is_traced()
    {
        using var listener = new RecordingListener();
        InvalidationScope scope = default;
        var starter = new Thread(() => scope = _space.StartInvalidation(new AddressRange(0x4321, 0x4400), InvalidationEvent.Clear));
        starter.Start();
        starter.Join();
        Patience.Until(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return listener.Messages.Any(message => message.Contains("[0x4321, 0x4400]", StringComparison.Ordinal));
            },
            "the open scope is traced");
        scope.Dispose();
    }

    [Fact]
    public void Every_handler_of_failures_is_called_although_one_throws()
    {
        List<string> called = [];
        _space.CallbackFailed += (_, _) => called.Add("first");
        _space.CallbackFailed += (_, _) => throw new InvalidDataException("mine");
        _space.CallbackFailed += (_, _) => called.Add("last");
        _space.Insert(new TestNotifier((TestNotifier _, in Invalidation _) => throw new InvalidDataException("mine")), s_range);

        _space.Invalidate(s_range, InvalidationEvent.Clear);

        Assert.Equal(["first", "last"], called);
    }
}
