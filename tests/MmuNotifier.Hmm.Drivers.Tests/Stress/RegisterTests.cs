using MmuNotifier.Hmm.Drivers.Stress;

namespace MmuNotifier.Hmm.Drivers.Tests.Stress;

public sealed class RegisterTests
{
    private readonly Register _register = new(0);

    [Fact]
    public void A_value_that_was_overwritten_before_the_read_began_is_not_allowed()
    {
        Write(10, 12, 1);
        Assert.False(_register.Allows(0, 13, 14));
        Assert.True(_register.Allows(1, 13, 14));
    }

    [Fact]
    public void While_a_write_goes_on_the_old_and_the_new_value_are_allowed()
    {
        RegisterWrite write = _register.Begin(10, 1);
        Assert.True(_register.Allows(0, 11, 12));
        Assert.True(_register.Allows(1, 11, 12));
        _register.Withdraw(write);
        Assert.False(_register.Allows(1, 13, 14));
    }

    [Fact]
    public void Writes_that_ran_against_each_other_may_have_either_order()
    {
        Write(10, 14, 1);
        Write(11, 13, 2);
        Assert.True(_register.Allows(1, 20, 21));
        Assert.True(_register.Allows(2, 20, 21));
        Assert.False(_register.Allows(0, 20, 21));
    }

    [Fact]
    public void A_value_is_not_allowed_before_its_write_began()
    {
        Write(10, 12, 1);
        Assert.False(_register.Allows(1, 5, 9));
    }

    [Fact]
    public void A_moved_page_has_what_its_source_had_meanwhile()
    {
        var target = new Register(7);
        Write(10, 12, 1);
        RegisterWrite move = target.BeginMove(20, _register);
        Assert.True(target.Allows(1, 21, 22));
        Assert.True(target.Allows(7, 21, 22));
        move.End = 25;
        Assert.True(target.Allows(1, 26, 27));
        Assert.False(target.Allows(7, 26, 27));
        Assert.False(target.Allows(0, 26, 27));
    }

    [Fact]
    public void A_transient_write_is_over_with_its_end_and_overwrites_nothing()
    {
        RegisterWrite write = _register.Begin(10, 5, isTransient: true);
        Assert.True(_register.Allows(5, 11, 12));
        write.End = 15;
        Assert.False(_register.Allows(5, 16, 17));
        Assert.True(_register.Allows(0, 16, 17));
    }

    [Fact]
    public void Pruning_keeps_what_a_read_under_way_may_give()
    {
        Write(10, 12, 1);
        Write(20, 22, 2);
        _register.Prune(oldestBegin: 15);
        Assert.True(_register.Allows(1, 15, 30));
        Assert.Equal(2, _register.Count);
    }

    private void Write(long begin, long end, ulong value) => _register.Begin(begin, value).End = end;
}
