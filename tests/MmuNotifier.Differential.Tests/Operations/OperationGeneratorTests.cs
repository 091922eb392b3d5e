using MmuNotifier.Hmm;

namespace MmuNotifier.Differential.Tests;

public sealed class OperationGeneratorTests
{
    [Fact]
    public void The_same_seed_gives_the_same_operations() =>
        Assert.Equal(new OperationGenerator(5, 64).Next(1000), new OperationGenerator(5, 64).Next(1000));

    [Fact]
    public void Every_kind_of_operation_and_every_comparable_advice_comes_up()
    {
        IReadOnlyList<Operation> operations = new OperationGenerator(5, 64).Next(20_000);
        Assert.Equal(Enum.GetValues<OperationKind>(), operations.Select(operation => operation.Kind).Distinct().Order());
        Assert.Equal(
            Enum.GetValues<Advice>().Where(advice => advice != Advice.Collapse),
            operations.Where(operation => operation.Kind == OperationKind.Advise).Select(operation => operation.Advice).Distinct().Order());
    }

    [Fact]
    public void An_operation_is_shown_as_what_makes_it()
    {
        var operation =
            new Operation { Kind = OperationKind.Protect, Offset = 0x2000, Length = 1, Protection = Protection.Read | Protection.Write };
        const string expected =
            "new() { Kind = OperationKind.Protect, Offset = 0x2000, Length = 1, Protection = Protection.Read | Protection.Write }";
        Assert.Equal(expected, operation.ToString());
    }
}
