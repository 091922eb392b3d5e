namespace MmuNotifier.Tests;

public class AgingTests
{
    private static readonly AddressRange s_range = new(5, 9);

    private readonly AddressSpace _space = new();

    [Fact]
    public void Nobody_is_young_where_nobody_is_asked()
    {
        Assert.False(_space.TestYoung(s_range) || _space.ClearYoung(s_range));
        _space.Insert(new Silent());
        Assert.False(_space.TestYoung(s_range) || _space.ClearYoung(s_range));
    }

    [Fact]
    public void The_first_yes_answers_a_test_and_all_are_cleared()
    {
        var no = new Asked(_ => false);
        var yes = new Asked(_ => true);
        var other = new Asked(_ => true);
        _space.Insert(no);
        _space.Insert(yes);
        _space.Insert(other);
        Assert.True(_space.TestYoung(s_range));
        Assert.Equal((1, 1, 0), (no.Tests, yes.Tests, other.Tests));
        Assert.True(_space.ClearYoung(s_range));
        Assert.Equal((1, 1, 1), (no.Clears, yes.Clears, other.Clears));
        Assert.Equal([s_range, s_range], yes.Ranges);
    }

    [Fact]
    public void One_that_was_removed_is_not_asked_and_removal_waits_for_its_call()
    {
        using var isAsked = new ManualResetEventSlim();
        using var mayAnswer = new ManualResetEventSlim();
        var notifier = new Asked(_ =>
        {
            isAsked.Set();
            return mayAnswer.Wait(Patience.Limit);
        });
        _space.Insert(notifier);
        Task<bool> asking = Task.Run(() => _space.ClearYoung(s_range), TestContext.Current.CancellationToken);
        Assert.True(isAsked.Wait(Patience.Limit, TestContext.Current.CancellationToken));
        Task removal = notifier.RemoveAsync(TestContext.Current.CancellationToken);
        Assert.False(removal.IsCompleted);
        Assert.False(_space.TestYoung(s_range)); // It is out of the list at once.
        mayAnswer.Set();
        Assert.True(removal.Wait(Patience.Limit, TestContext.Current.CancellationToken));
        Assert.True(asking.Result);
        Assert.Equal(0, notifier.Tests);
    }

    [Fact]
    public void A_call_may_remove_its_notifier_and_ask_again()
    {
        Asked notifier = null!;
        bool inner = true;
        notifier = new Asked(_ =>
        {
            notifier.RemoveDeferred();
            inner = _space.TestYoung(s_range);
            return true;
        });
        _space.Insert(notifier);
        Assert.True(_space.TestYoung(s_range));
        Assert.False(inner);
        _space.Synchronize();
        Assert.Equal(1, notifier.Releases);
    }

    [Fact]
    public void One_that_throws_says_no_and_the_rest_are_asked()
    {
        var failures = new List<Exception>();
        _space.CallbackFailed += (_, arguments) => failures.Add(arguments.Exception);
        _space.Insert(new Asked(_ => throw new InvalidOperationException("it broke")));
        _space.Insert(new Asked(_ => true));
        Assert.True(_space.TestYoung(s_range));
        Assert.Equal("it broke", Assert.Single(failures).Message);
    }

    [Fact]
    public void A_call_that_waits_for_the_removal_of_its_own_notifier_is_misuse()
    {
        MisuseException? misuse = null;
        Asked notifier = null!;
        notifier = new Asked(_ =>
        {
            misuse = Assert.Throws<MisuseException>(() => notifier.Remove());
            return false;
        });
        _space.Insert(notifier);
        _space.TestYoung(s_range);
        Assert.Contains("TestYoung or ClearYoung of", misuse!.Message, StringComparison.Ordinal);
    }

    private sealed class Silent : WholeSpaceNotifier
    {
        protected internal override bool InvalidateStart(in Invalidation invalidation) => true;

        protected internal override void InvalidateEnd(in Invalidation invalidation)
        {
        }
    }

    private sealed class Asked(Func<AddressRange, bool> answer) : WholeSpaceNotifier
    {
        internal int Tests { get; private set; }

        internal int Clears { get; private set; }

        internal int Releases { get; private set; }

        internal List<AddressRange> Ranges { get; } = [];

        protected internal override bool InvalidateStart(in Invalidation invalidation) => true;

        protected internal override void InvalidateEnd(in Invalidation invalidation)
        {
        }

        protected internal override bool TestYoung(AddressRange range)
        {
            Tests++;
            Ranges.Add(range);
            return answer(range);
        }

        protected internal override bool ClearYoung(AddressRange range)
        {
            Clears++;
            Ranges.Add(range);
            return answer(range);
        }

        protected override void Released() => Releases++;
    }
}
