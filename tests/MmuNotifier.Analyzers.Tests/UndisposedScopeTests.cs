using static MmuNotifier.Analyzers.Tests.Verify;

namespace MmuNotifier.Analyzers.Tests;

public sealed class UndisposedScopeTests
{
    [Theory]
    [InlineData("[|space.StartInvalidation(range, InvalidationEvent.Unmap)|];")]
    [InlineData("[|space.ReportInvalidation(range, InvalidationEvent.Unmap)|];")]
    [InlineData("_ = [|space.StartInvalidation(range, InvalidationEvent.Unmap)|];")]
    [InlineData("var scope = [|space.StartInvalidation(range, InvalidationEvent.Unmap)|]; Change();")]
    [InlineData("InvalidationScope scope; scope = [|space.StartInvalidation(range, InvalidationEvent.Unmap)|]; if (scope == default) "
        + "Change();")]
    [InlineData("if ([|space.TryStartInvalidation(range, InvalidationEvent.Unmap, out _)|]) Change();")]
    [InlineData("if ([|space.TryStartInvalidation(range, InvalidationEvent.Unmap, out InvalidationScope scope)|]) Change();")]
    [InlineData("InvalidationScope scope; if ([|space.TryStartInvalidation(range, InvalidationEvent.Unmap, out scope)|]) Change();")]
    [InlineData("Action change = () => [|space.StartInvalidation(range, InvalidationEvent.Unmap)|]; change();")]
    [InlineData("if ([|space.TryFindFirst(range, out _)|]) Change();")]
    [InlineData("if ([|space.TryFindFirst(0, out HeldNotifier held)|]) Change();")]
    [InlineData("[|Start(space)|];")]
    [InlineData("[|cache.Get(range)|];")]
    [InlineData("var lease = [|cache.Get(range)|]; Change();")]
    public Task Never_disposed(string statements) => FindsIn(statements);

    [Theory]
    [InlineData("using (space.StartInvalidation(range, InvalidationEvent.Unmap)) Change();")]
    [InlineData("using (InvalidationScope scope = space.StartInvalidation(range, InvalidationEvent.Unmap)) Change();")]
    [InlineData("using var scope = space.ReportInvalidation(range, InvalidationEvent.Unmap); Change();")]
    [InlineData("space.ReportInvalidation(range, InvalidationEvent.Unmap).Dispose();")]
    [InlineData("var scope = space.StartInvalidation(range, InvalidationEvent.Unmap); try { Change(); } finally { scope.Dispose(); }")]
    [InlineData("var scope = space.StartInvalidation(range, InvalidationEvent.Unmap); using (scope) Change();")]
    [InlineData("var scope = space.StartInvalidation(range, InvalidationEvent.Unmap); Task.Run(() => scope.Dispose());")]
    [InlineData("var scope = space.StartInvalidation(range, InvalidationEvent.Unmap); Keep(scope);")]
    [InlineData("_kept = space.StartInvalidation(range, InvalidationEvent.Unmap);")]
    [InlineData("Func<InvalidationScope> start = () => space.StartInvalidation(range, InvalidationEvent.Unmap); start().Dispose();")]
    [InlineData("if (space.TryStartInvalidation(range, InvalidationEvent.Unmap, out var scope)) using (scope) Change();")]
    [InlineData("if (space.TryStartInvalidation(range, InvalidationEvent.Unmap, out _kept)) Change();")]
    [InlineData("InvalidationScope scope = default; try { scope = space.StartInvalidation(range, InvalidationEvent.Unmap); } finally { "
        + "scope.Dispose(); }")]
    [InlineData("if (space.TryFindFirst(range, out HeldNotifier held)) using (held) Change();")]
    [InlineData("space.Invalidate(range, InvalidationEvent.Unmap);")]
    [InlineData("using var lease = cache.Get(range); Change();")]
    public Task Disposed_or_out_of_sight(string statements) => FindsIn(statements);

    [Fact]
    public Task Fix_of_a_local() => FixesIn(
        "var held = [|space.StartInvalidation(range, InvalidationEvent.Unmap)|]; // before the change",
        "using var held = space.StartInvalidation(range, InvalidationEvent.Unmap); // before the change");

    [Fact]
    public Task Fix_of_an_ignored_result() => FixesIn(
        "[|space.StartInvalidation(range, InvalidationEvent.Unmap)|];",
        "using var scope = space.StartInvalidation(range, InvalidationEvent.Unmap);");

    [Fact]
    public Task Fix_of_a_discarded_result_where_the_name_is_taken() => FixesIn(
        "int scope = 0; _ = [|space.StartInvalidation(range, InvalidationEvent.Unmap)|]; scope++;",
        "int scope = 0; using var scope2 = space.StartInvalidation(range, InvalidationEvent.Unmap); scope++;");

    [Theory]
    [InlineData("if (_kept == default) [|space.StartInvalidation(range, InvalidationEvent.Unmap)|];")]
    [InlineData("if ([|space.TryStartInvalidation(range, InvalidationEvent.Unmap, out _)|]) Change();")]
    [InlineData("var scope = [|space.StartInvalidation(range, InvalidationEvent.Unmap)|]; scope = default;")]
    public Task No_fix_where_a_using_declaration_cannot_stand(string statements) => FixesIn(statements, statements);

    private static Task FindsIn(string statements) => Finds<UndisposedScopeAnalyzer>(Wrap(statements));

    private static Task FixesIn(string statements, string fixedStatements) =>
        Fixes<UndisposedScopeAnalyzer, UndisposedScopeFix>(Wrap(statements), Wrap(fixedStatements));

    private static string Wrap(string statements) =>
        $$"""
        class Changer
        {
            private InvalidationScope _kept;
            void Do(AddressSpace space, AddressRange range, MmuNotifier.Registration.Cache cache)
            {
                {{statements}}
            }
            void Change() { }
            void Keep(InvalidationScope scope) => _kept = scope;
            InvalidationScope Start(AddressSpace space) => space.StartInvalidation(AddressRange.Whole, InvalidationEvent.Unmap);
        }
        namespace MmuNotifier.Registration
        {
            class Cache { public RegistrationLease<int> Get(AddressRange range) => default; }
            struct RegistrationLease<T> : IDisposable { public void Dispose() { } }
        }
        """;
}
