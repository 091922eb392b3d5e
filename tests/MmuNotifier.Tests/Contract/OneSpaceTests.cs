namespace MmuNotifier.Tests.Contract;

/// <summary>A notifier is inserted once, into one address space. The race itself is the scenario TwoSpacesOneNotifier.</summary>
public class OneSpaceTests
{
    private const int Rounds = 2000;

    private static readonly AddressRange s_range = new(0, 9);

    private readonly AddressSpace _first = new();
    private readonly AddressSpace _second = new();

    [Fact]
    public void A_second_space_is_refused_by_every_way_in()
    {
        var notifier = new TestNotifier();
        var cut = new TestNotifier();
        var companion = new TestNotifier();
        _first.Insert(notifier, s_range);
        _second.Insert(cut, new AddressRange(0, 99));

        Assert.Throws<InvalidOperationException>(() => _second.TryInsert(notifier, s_range));
        Assert.Throws<InvalidOperationException>(
            () => _second.Apply(new NotifierBatch().Insert(companion, s_range).Insert(notifier, s_range)));
        Assert.Throws<InvalidOperationException>(() => cut.Cut(new AddressRange(50, 59), () => notifier));
        Assert.Same(_first, notifier.Space);
        Assert.Null(companion.Space);
        _second.Insert(companion, s_range); // A batch that was refused leaves its notifiers new.
    }

    [Fact]
    public void Of_two_spaces_that_insert_it_at_the_same_moment_one_gets_it()
    {
        using var barrier = new Barrier(2);
        var notifiers = Enumerable.Range(0, Rounds).Select(_ => new TestNotifier()).ToArray();
        bool[] inFirst = new bool[Rounds];
        bool[] inSecond = new bool[Rounds];
        Task other = Task.Factory.StartNew(() => InsertAll(_second, inSecond), TaskCreationOptions.LongRunning);
        InsertAll(_first, inFirst);
        Assert.True(other.Wait(TestNotifier.Limit));

        for (int i = 0; i < Rounds; i++)
        {
            Assert.NotEqual(inFirst[i], inSecond[i]);
            Assert.Same(inFirst[i] ? _first : _second, notifiers[i].Space);
        }

        void InsertAll(AddressSpace space, bool[] succeeded)
        {
            for (int i = 0; i < Rounds; i++)
            {
                barrier.SignalAndWait();
                succeeded[i] = Record.Exception(() => space.Insert(notifiers[i], s_range)) is null;
            }
        }
    }
}
