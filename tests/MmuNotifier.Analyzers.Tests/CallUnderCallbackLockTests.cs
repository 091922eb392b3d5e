using static MmuNotifier.Analyzers.Tests.Verify;

namespace MmuNotifier.Analyzers.Tests;

public sealed class CallUnderCallbackLockTests
{
    [Theory]
    [InlineData("lock (mirror.Pages) [|mirror.Remove()|];")]
    [InlineData("lock (mirror.Pages) [|mirror.ReadBegin()|];")]
    [InlineData("lock (mirror.Pages) [|space.Synchronize()|];")]
    [InlineData("lock (mirror.Pages) [|space.Invalidate(range, InvalidationEvent.Unmap)|];")]
    [InlineData("lock (mirror.Pages) { using (_other.EnterScope()) [|space.StartInvalidation(range, InvalidationEvent.Unmap)|].Dispose(); "
        + "}")]
    [InlineData("lock (mirror.Pages) [|space.Exit()|];")]
    public Task Under_the_lock_of_a_callback(string statement) => Finds<CallUnderCallbackLockAnalyzer>(Wrap(statement));

    [Theory]
    [InlineData("lock (mirror.Pages) mirror.RemoveDeferred();")]
    [InlineData("lock (mirror.Pages) { } mirror.Remove();")]
    [InlineData("lock (_other) mirror.Remove();")]
    [InlineData("lock (mirror.Pages) mirror.ReadBeginNoWait();")]
    public Task Elsewhere(string statement) => Finds<CallUnderCallbackLockAnalyzer>(Wrap(statement));

    [Fact]
    public Task The_callback_may_be_in_another_file() => FindsInFiles<CallUnderCallbackLockAnalyzer>(
        """
        class Driver
        {
            internal readonly Lock Pages = new();
            void Drop(Mirror mirror) { lock (Pages) [|mirror.Remove()|]; }
        }
        """,
        """
        class Mirror(Driver driver) : IntervalNotifier
        {
            protected override InvalidateResult Invalidate(in Invalidation invalidation) => Forget();
            InvalidateResult Forget() { lock (driver.Pages) return InvalidateResult.Done; }
        }
        """);

    private static string Wrap(string statement) =>
        $$"""
        class Driver
        {
            private readonly Lock _other = new();
            void Do(AddressSpace space, Mirror mirror, AddressRange range)
            {
                {{statement}}
            }
        }

        class Mirror : IntervalNotifier
        {
            internal readonly Lock Pages = new();
            protected override InvalidateResult Invalidate(in Invalidation invalidation)
            {
                lock (Pages)
                    return InvalidateResult.Done;
            }
        }
        """;
}
