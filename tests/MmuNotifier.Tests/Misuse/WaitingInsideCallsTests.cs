namespace MmuNotifier.Tests.Misuse;

public class WaitingInsideCallsTests
{
    private readonly AddressSpace _space = new();
    private readonly Waits _waits;

    public WaitingInsideCallsTests() => _waits = new Waits(_space);

    public static MatrixTheoryData<string, string> Everything { get; } = new(Contexts.Names.Select(row => row.Data), Waits.All);

    [Theory]
    [MemberData(nameof(Everything))]
    public void Every_wait_inside_every_call_of_the_same_space_is_told_before_it_does_anything(string context, string wait)
    {
        Exception? thrown = Contexts.RunInside(context, _space, () => _waits.Call(wait));

        string message = Assert.IsType<MisuseException>(thrown).Message;
        Assert.StartsWith(wait.Split(' ')[0] + " is called from inside ", message, StringComparison.Ordinal);
        Assert.Contains("Notifier (address space #", message, StringComparison.Ordinal);
        Assert.Contains("Misuse.Waits.Call", message, StringComparison.Ordinal);
        _waits.AssertQuietIsUntouched();
    }

    [Theory]
    [MemberData(nameof(Contexts.Names), MemberType = typeof(Contexts))]
    public void What_does_not_wait_may_be_called_inside_every_call(string context) =>
        Assert.Null(Contexts.RunInside(context, _space, _waits.CallEveryCallThatDoesNotWait));

    [Theory]
    [MemberData(nameof(Contexts.Names), MemberType = typeof(Contexts))]
    public void Invalidations_may_be_nested_in_every_call(string context) =>
        Assert.Null(Contexts.RunInside(context, _space, () =>
        {
            var range = new AddressRange(1000, 1999);
            _space.StartInvalidation(range, InvalidationEvent.Clear).Dispose();
            Assert.True(_space.TryStartInvalidation(range, InvalidationEvent.Clear, out InvalidationScope scope));
            scope.Dispose();
            _space.Invalidate(range, InvalidationEvent.Clear);
        }));

    [Theory]
    [MemberData(nameof(Everything))]
    public void Every_wait_at_another_space_is_allowed(string context, string wait) =>
        Assert.Null(Contexts.RunInside(context, new AddressSpace(), () => _waits.Call(wait)));

    [Theory]
    [MemberData(nameof(Waits.Names), MemberType = typeof(Waits))]
    public void Every_wait_is_allowed_again_when_the_call_has_returned_or_thrown(string wait)
    {
        var notifier = new CallingNotifier { OnCallback = () => throw new InvalidDataException("mine") };
        _space.Insert(notifier, new AddressRange(0, 9));
        Assert.Throws<InvalidationFailedException>(() => _space.StartInvalidation(new AddressRange(0, 9), InvalidationEvent.Clear));

        _waits.Call(wait);
    }

    [Fact]
    public void The_exception_goes_the_way_of_the_callbacks_exceptions()
    {
        _space.Insert(new CallingNotifier { OnCallback = () => _waits.Call("ReadBegin") }, new AddressRange(0, 9));

        var failure = Assert.Throws<InvalidationFailedException>(
            () => _space.StartInvalidation(new AddressRange(0, 9), InvalidationEvent.Clear));

        Assert.IsType<MisuseException>(failure.InnerException);
    }

    [Fact]
    public void A_wait_at_a_space_further_out_is_told_too()
    {
        var outer = new AddressSpace();
        Exception? thrown = null;
        Contexts.RunInside("callback", _space, () =>
            Contexts.RunInside("callback", outer, () => thrown = Record.Exception(() => _waits.Call("Remove"))));

        Assert.IsType<MisuseException>(thrown);
    }

    [Fact]
    public void A_notifier_that_was_never_inserted_is_told_so_as_before()
    {
        Exception? thrown = Contexts.RunInside("callback", _space, () => new TestNotifier().ReadBegin());

        Assert.IsType<InvalidOperationException>(thrown);
    }
}
