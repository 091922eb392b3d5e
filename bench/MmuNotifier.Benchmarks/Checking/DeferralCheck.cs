using MmuNotifier.Benchmarks.Engines;

namespace MmuNotifier.Benchmarks;

/// <summary>That the baseline does what it is known for: edits and readers wait for the last end of all.</summary>
internal static class DeferralCheck
{
    internal static void Run()
    {
        var order = new WorkOrder(3);
        BaselineEngine engine = BaselineEngine.Create(order);
        engine.Insert(0);
        engine.Insert(1);
        BaselineScope first = engine.Start(order.PageIn(0), order.PageIn(0));
        engine.End(engine.Start(order.PageIn(1), order.PageIn(1)));
        engine.Insert(2);
        engine.End(engine.Start(order.PageIn(2), order.PageIn(2)));
        Require(engine.CallsOf(2) == 0, "an insertion waits for the last end");
        Require(IsGivenUp(giveUp => engine.Read(1, giveUp)), "a reader that was met waits for the last end of all");
        Require(IsGivenUp(giveUp => engine.Remove(0, giveUp)), "so does a removal");
        engine.End(first);
        engine.Read(1);
        engine.End(engine.Start(order.PageIn(2), order.PageIn(2)));
        engine.End(engine.Start(order.PageIn(0), order.PageIn(0)));
        Require(engine.CallsOf(2) == 1, "the insertion has taken effect");
        Require(engine.CallsOf(0) == 1, "the removal has taken effect");
    }

    private static bool IsGivenUp(Action<CancellationToken> wait)
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
        try
        {
            wait(soon.Token);
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    private static void Require(bool condition, string rule)
    {
        if (!condition)
            throw new InvalidOperationException($"The baseline does not behave as the kernel: {rule}.");
    }
}
