using MmuNotifier.Exploration.Scenarios.Litmus;

namespace MmuNotifier.Exploration.Tests;

/// <summary>
/// The known litmus tests: what the model allows where an ordering is missing, and forbids where it is there. 2+2W and load buffering are
/// left out: the model does not show them.
/// </summary>
public sealed class LitmusTests
{
    [Fact]
    public void StoreBuffering_never_shows_two_zeros_with_fences() => Exploring.AssertNeverFails(() => new StoreBuffering());

    [Fact]
    public void StoreBuffering_shows_two_zeros_without() =>
        Exploring.AssertFails(() => new StoreBuffering(), LitmusDefects.Weakened, "both read 0");

    [Fact]
    public void StoreBuffering_never_shows_two_zeros_with_read_modify_writes() => Exploring.AssertNeverFails(() => new ExchangeAsFence());

    [Fact]
    public void StoreBuffering_shows_two_zeros_with_weakened_read_modify_writes() =>
        Exploring.AssertFails(() => new ExchangeAsFence(), LitmusDefects.Weakened, "both read 0");

    [Fact]
    public void Message_is_passed_by_release_and_acquire() => Exploring.AssertNeverFails(() => new MessagePassing(isReleaseWeakened: true));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Message_is_stale_if_either_side_is_relaxed(bool isReleaseWeakened) =>
        Exploring.AssertFails(() => new MessagePassing(isReleaseWeakened), LitmusDefects.Weakened, "without the data");

    [Fact]
    public void Message_is_passed_by_relaxed_accesses_around_fences() => Exploring.AssertNeverFails(() =>
    {
        var words = new Words();
        return new InlineScenario(
        [
            () =>
            {
                words.X.WriteRelaxed(1);
                Fence.Full();
                words.Y.WriteRelaxed(1);
            },
            () =>
            {
                if (words.Y.ReadRelaxed() == 0)
                    return;
                Fence.Full();
                Explore.Assert(words.X.ReadRelaxed() == 1, "stale");
            },
        ]);
    });

    [Fact]
    public void Message_is_passed_on_by_a_weakened_read_modify_write() => Exploring.AssertNeverFails(
        () =>
        {
            var words = new Words();
            return new InlineScenario(
            [
                () =>
                {
                    words.X.WriteRelaxed(1);
                    words.Y.Write(1);
                },
                () => words.Y.CompareExchange(2, comparand: 1, relaxedBy: LitmusDefects.Weakened),
                () => Explore.Assert(words.Y.Read() != 2 || words.X.ReadRelaxed() == 1, "the release sequence is broken"),
            ]);
        },
        LitmusDefects.Weakened);

    [Fact]
    public void Message_is_passed_through_a_third_thread() => Exploring.AssertNeverFails(() =>
    {
        var words = new Words();
        return new InlineScenario(
        [
            () => words.X.WriteRelaxed(1),
            () =>
            {
                if (words.X.Read() == 1)
                    words.Y.Write(1);
            },
            () =>
            {
                if (words.Y.Read() == 1)
                    Explore.Assert(words.X.ReadRelaxed() == 1, "not cumulative");
            },
        ]);
    });

    [Fact]
    public void Independent_readers_agree_with_fences()
    {
        ExplorationResult result = Exploring.Exhaustively(
            () => new IndependentReads(), bounds: new ExplorationBounds { MaxPreemptions = 2, MaxStaleReads = 4 });
        Assert.Null(result.Failure);
        Assert.True(result.IsComplete);
    }

    [Fact]
    public void Independent_readers_disagree_with_acquire_only() =>
        Exploring.AssertFails(() => new IndependentReads(), LitmusDefects.Weakened, "disagree");

    [Fact]
    public void Reads_of_one_word_never_go_back()
    {
        ExplorationResult result = Exploring.Exhaustively(
            () => new CoherentReads(), bounds: new ExplorationBounds { MaxPreemptions = 2, MaxStaleReads = 6 });
        Assert.Null(result.Failure);
        Assert.True(result.IsComplete);
    }

    [Fact]
    public void Process_wide_fence_orders_a_side_that_has_none() => Exploring.AssertNeverFails(() => new AsymmetricDekker());

    [Fact]
    public void Process_wide_fence_is_needed() =>
        Exploring.AssertFails(() => new AsymmetricDekker(), LitmusDefects.Weakened, "both read 0");

    [Fact]
    public void Locked_data_is_never_stale() => Exploring.AssertNeverFails(() =>
    {
        var words = new Words();
        var exclusive = new EngineLock();
        void Add()
        {
            using (exclusive.Hold())
                words.X.WriteRelaxed(words.X.ReadRelaxed() + 1);
        }

        return new InlineScenario([Add, Add, Add], () => Explore.Assert(words.X.Read() == 3, "lost"));
    });

    [Fact]
    public void References_are_modelled_like_words() => Exploring.AssertFails(
        () =>
        {
            var words = new Words();
            return new InlineScenario(
            [
                () =>
                {
                    words.X.WriteRelaxed(1);
                    words.Reference.WriteRelaxed("there");
                },
                () => Explore.Assert(words.Reference.Read() is null || words.X.ReadRelaxed() == 1, "stale"),
            ]);
        },
        SeededDefect.None,
        "stale");

    [Fact]
    public void Words_in_arrays_and_readonly_members_keep_their_values() => Exploring.AssertNeverFails(() =>
    {
        var words = new AtomicInt64[4];
        var holder = new Holder();
        return new InlineScenario(
            [() => words[2].Write(5), () => holder.Word.Write(words[2].Read())],
            () =>
            {
                Array.Resize(ref words, 8);
                Explore.Assert(words[2].Read() == 5 && holder.Word.ReadRelaxed() is 0 or 5 && new AtomicInt64(7).Read() == 7, "lost");
            });
    });

    private sealed class Holder
    {
        public AtomicInt64 Word;
    }
}
