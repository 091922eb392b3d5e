using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Testing;
using static MmuNotifier.Analyzers.Tests.Verify;

namespace MmuNotifier.Analyzers.Tests;

public sealed class WaitInCallbackTests
{
    [Fact]
    public Task Remove_of_itself_in_its_callback_is_an_error() => Finds<WaitInCallbackAnalyzer>(
        """
        sealed class Mirror : IntervalNotifier
        {
            protected override InvalidateResult Invalidate(in Invalidation invalidation)
            {
                {|#0:Remove()|};
                return InvalidateResult.Done;
            }
        }
        """,
        new DiagnosticResult(Rule.WaitInCallback, DiagnosticSeverity.Error)
            .WithLocation(0)
            .WithMessage("'Remove' waits, but 'Invalidate' is called by the engine and must not wait; use RemoveDeferred"));

    [Theory]
    [InlineData("this.Remove()", DiagnosticSeverity.Error)]
    [InlineData("ReadBegin()", DiagnosticSeverity.Error)]
    [InlineData("ReadBegin(invalidation.Overlap)", DiagnosticSeverity.Warning)]
    [InlineData("ReadBegin(_token)", DiagnosticSeverity.Warning)]
    [InlineData("ReadBeginAsync()", DiagnosticSeverity.Warning)]
    [InlineData("Remove(_token)", DiagnosticSeverity.Warning)]
    [InlineData("RemoveAsync()", DiagnosticSeverity.Warning)]
    [InlineData("_other.Remove()", DiagnosticSeverity.Warning)]
    [InlineData("_other.ReadBegin()", DiagnosticSeverity.Warning)]
    [InlineData("Space!.Synchronize()", DiagnosticSeverity.Warning)]
    [InlineData("Space!.SynchronizeAsync()", DiagnosticSeverity.Warning)]
    public Task Waits_in_an_interval_callback(string wait, DiagnosticSeverity severity) => Finds<WaitInCallbackAnalyzer>(
        $$"""
        sealed class Mirror : IntervalNotifier
        {
            private readonly Mirror _other = new();
            private readonly CancellationToken _token;
            protected override InvalidateResult Invalidate(in Invalidation invalidation)
            {
                {|#0:{{wait}}|};
                return InvalidateResult.Done;
            }
        }
        """,
        new DiagnosticResult(Rule.WaitInCallback, severity).WithLocation(0));

    [Fact]
    public Task Synchronize_of_its_own_space_in_Released_is_an_error() => Finds<WaitInCallbackAnalyzer>(
        """
        sealed class Mirror(AddressSpace other) : IntervalNotifier
        {
            protected override InvalidateResult Invalidate(in Invalidation invalidation) => InvalidateResult.Done;
            protected override void Released()
            {
                Space?{|#0:.Synchronize()|};
                {|#1:other.Synchronize()|};
            }
        }
        """,
        new DiagnosticResult(Rule.WaitInCallback, DiagnosticSeverity.Error).WithLocation(0),
        new DiagnosticResult(Rule.WaitInCallback, DiagnosticSeverity.Warning).WithLocation(1));

    [Fact]
    public Task Remove_of_another_notifier_in_Released() => Finds<WaitInCallbackAnalyzer>(
        """
        sealed class Mirror(IntervalNotifier child) : IntervalNotifier
        {
            protected override InvalidateResult Invalidate(in Invalidation invalidation) => InvalidateResult.Done;
            protected override void Released() => [|child.Remove()|];
        }
        """);

    [Fact]
    public Task Whole_space_callbacks() => Finds<WaitInCallbackAnalyzer>(
        """
        sealed class Everything(IntervalNotifier other) : WholeSpaceNotifier
        {
            protected override bool InvalidateStart(in Invalidation invalidation)
            {
                [|other.Remove()|];
                return true;
            }
            protected override void InvalidateEnd(in Invalidation invalidation) => [|other.ReadBegin()|];
        }
        """);

    [Fact]
    public Task A_second_step_in_a_class_of_its_own() => Finds<WaitInCallbackAnalyzer>(
        """
        sealed class Step(IntervalNotifier notifier) : ISecondStep
        {
            public void Finish(in Invalidation invalidation) => [|notifier.Remove()|];
        }
        """);

    [Fact]
    public Task An_explicit_second_step_inside_of_the_notifier_that_calls_it_for_help() => Finds<WaitInCallbackAnalyzer>(
        """
        sealed class Mirror : IntervalNotifier
        {
            protected override InvalidateResult Invalidate(in Invalidation invalidation) => InvalidateResult.FinishWith(new Step(this));
            private void Leave() => [|Remove()|];
            private sealed class Step(Mirror mirror) : ISecondStep
            {
                void ISecondStep.Finish(in Invalidation invalidation) => mirror.Leave();
            }
        }
        """);

    [Fact]
    public Task Through_helpers_local_functions_properties_and_constructors() => Finds<WaitInCallbackAnalyzer>(
        """
        sealed partial class Mirror : IntervalNotifier
        {
            protected override InvalidateResult Invalidate(in Invalidation invalidation)
            {
                First();
                return InvalidateResult.Done;
            }
            private void First()
            {
                Local();
                void Local() => Second(3);
            }
            private void Second(int depth)
            {
                if (depth > 0)
                    Second(depth - 1);
                [|Remove()|];
                _ = Section;
                _ = new Helper(this);
            }
            private ReadSection Section => [|ReadBegin()|];
            private sealed class Helper
            {
                public Helper(Mirror mirror) => [|mirror.Space!.Synchronize()|];
            }
        }
        """);

    [Fact]
    public Task Through_lambdas_that_are_called_at_once() => Finds<WaitInCallbackAnalyzer>(
        """
        sealed class Mirror : IntervalNotifier
        {
            private readonly List<IntervalNotifier> _children = [];
            protected override InvalidateResult Invalidate(in Invalidation invalidation)
            {
                Action leave = () => [|Remove()|];
                leave();
                Action? maybe = null;
                maybe = Leave;
                maybe?.Invoke();
                _children.ForEach(child => [|child.Remove()|]);
                UnderLock(() => [|ReadBegin()|]);
                Cut(invalidation.Range, () =>
                {
                    [|Space!.Synchronize()|];
                    return new Mirror();
                });
                return InvalidateResult.Done;
            }
            private void Leave() => [|Remove()|];
            private void UnderLock(Action action)
            {
                lock (_children)
                    action();
            }
        }
        """);

    [Fact]
    public Task Nothing_where_it_runs_elsewhere() => Finds<WaitInCallbackAnalyzer>(
        """
        sealed class Mirror : IntervalNotifier
        {
            protected override InvalidateResult Invalidate(in Invalidation invalidation)
            {
                Task.Run(() => Remove());
                ThreadPool.QueueUserWorkItem(_ => Leave());
                Task.Run(Leave);
                Action later = () => Remove();
                Keep(later);
                Keep(() => Remove());
                _ = LeaveSoon();
                return InvalidateResult.Done;
            }
            private Action? _kept;
            private void Keep(Action action) => _kept = action;
            private void Leave() => Remove();
            private async Task LeaveSoon()
            {
                await Task.Yield();
                Remove();
            }
        }
        """);

    [Fact]
    public Task A_lambda_that_another_caller_hands_to_the_same_helper_is_not_called_here() => Finds<WaitInCallbackAnalyzer>(
        """
        sealed class Mirror : IntervalNotifier
        {
            protected override InvalidateResult Invalidate(in Invalidation invalidation)
            {
                Run(() => { });
                return InvalidateResult.Done;
            }
            public void Close() => Run(() => Remove());
            private void Run(Action action) => action();
        }
        """);

    [Fact]
    public Task Nothing_for_what_does_not_wait_or_is_outside_of_callbacks() => Finds<WaitInCallbackAnalyzer>(
        """
        sealed class Mirror : IntervalNotifier, IDisposable
        {
            private readonly HashSet<int> _set = [];
            protected override InvalidateResult Invalidate(in Invalidation invalidation)
            {
                _set.Remove(3);
                RemoveDeferred();
                _ = ReadBeginNoWait();
                Space!.Apply(new NotifierBatch().Remove(this, Range));
                return InvalidateResult.Done;
            }
            protected override void Released() => _set.Clear();
            public void Dispose() => Remove();
        }
        sealed class Reader(Mirror mirror)
        {
            public void Invalidate() => mirror.Remove();
            public void Finish() => mirror.Space!.Synchronize();
        }
        """);

    [Fact]
    public Task Fix_of_Remove() => Fixes<WaitInCallbackAnalyzer, WaitInCallbackFix>(
        """
        sealed class Mirror(IntervalNotifier? child, CancellationToken token) : IntervalNotifier
        {
            protected override InvalidateResult Invalidate(in Invalidation invalidation)
            {
                [|child!.Remove()|]; // why
                child?[|.Remove(token)|];
                return InvalidateResult.Done;
            }
            protected override void Released() => [|child!.Remove(cancellationToken: token)|];
        }
        """,
        """
        sealed class Mirror(IntervalNotifier? child, CancellationToken token) : IntervalNotifier
        {
            protected override InvalidateResult Invalidate(in Invalidation invalidation)
            {
                child!.RemoveDeferred(); // why
                child?.RemoveDeferred();
                return InvalidateResult.Done;
            }
            protected override void Released() => child!.RemoveDeferred();
        }
        """);

    [Fact]
    public Task Fix_of_ReadBegin() => Fixes<WaitInCallbackAnalyzer, WaitInCallbackFix>(
        """
        sealed class Mirror(IntervalNotifier child, InvalidationOrigin origin, CancellationToken token) : IntervalNotifier
        {
            protected override InvalidateResult Invalidate(in Invalidation invalidation)
            {
                ReadSection section = [|child.ReadBegin()|];
                section = [|child.ReadBegin(token)|];
                section = [|child.ReadBegin(invalidation.Overlap, origin, token)|];
                section = [|child.ReadBegin(cancellationToken: token, part: invalidation.Overlap)|];
                return InvalidateResult.Done;
            }
        }
        """,
        """
        sealed class Mirror(IntervalNotifier child, InvalidationOrigin origin, CancellationToken token) : IntervalNotifier
        {
            protected override InvalidateResult Invalidate(in Invalidation invalidation)
            {
                ReadSection section = child.ReadBeginNoWait();
                section = child.ReadBeginNoWait();
                section = child.ReadBeginNoWait(invalidation.Overlap, origin);
                section = child.ReadBeginNoWait(part: invalidation.Overlap);
                return InvalidateResult.Done;
            }
        }
        """);
}
