using static MmuNotifier.Analyzers.Tests.Verify;

namespace MmuNotifier.Analyzers.Tests;

public sealed class BoxedOwnerTests
{
    [Theory]
    [InlineData("space.StartInvalidation(range, InvalidationEvent.Migrate, [|1|]).Dispose();")]
    [InlineData("space.StartInvalidation(range, InvalidationEvent.Migrate, owner: [|handle|]).Dispose();")]
    [InlineData("space.ReportInvalidation(range, InvalidationEvent.Migrate, [|(object)handle|]).Dispose();")]
    [InlineData("if (space.TryStartInvalidation(range, InvalidationEvent.Migrate, out var scope, [|range|])) scope.Dispose();")]
    public Task Value_types_are_no_owners(string statement) => Finds<BoxedOwnerAnalyzer>(Wrap(statement));

    [Theory]
    [InlineData("space.StartInvalidation(range, InvalidationEvent.Migrate, this).Dispose();")]
    [InlineData("space.StartInvalidation(range, InvalidationEvent.Migrate, null).Dispose();")]
    [InlineData("space.StartInvalidation(range, InvalidationEvent.Migrate, \"gpu\").Dispose();")]
    [InlineData("space.StartInvalidation(range, InvalidationEvent.Migrate).Dispose();")]
    [InlineData("object boxed = 1; space.StartInvalidation(range, InvalidationEvent.Migrate, boxed).Dispose();")]
    [InlineData("Elsewhere(1);")]
    public Task Objects_are(string statement) => Finds<BoxedOwnerAnalyzer>(Wrap(statement));

    [Fact]
    public Task The_owner_of_a_notifier_is_looked_at_too() => Finds<BoxedOwnerAnalyzer>(
        """
        abstract class ByInitializer : IntervalNotifier
        {
            protected ByInitializer(int device) : base([|device|]) { }
        }
        abstract class ByPrimaryConstructor(long device) : IntervalNotifier([|device|]);
        abstract class ByType<T>(T device) : IntervalNotifier([|device|]) where T : struct;
        abstract class Right(object device) : IntervalNotifier(device);
        """);

    private static string Wrap(string statement) =>
        $$"""
        class Device
        {
            void Migrate(AddressSpace space, AddressRange range, nint handle)
            {
                {{statement}}
            }

            static void Elsewhere(object owner) { }
        }
        """;
}
