namespace MmuNotifier.Tests.Stress;

/// <summary>
/// Random operations from several threads, callbacks included, against an oracle; how to run a seed again or for longer: see
/// <see cref="StressLoop"/>.
/// </summary>
public class StressTests(ITestOutputHelper output)
{
    private const int OperationsPerThread = 1500;

    [Fact]
    public void The_contract_holds_under_random_operations() =>
        StressLoop.Run(output, seconds: 7, (seed, threads) => new StressRun(seed, threads, OperationsPerThread).Execute());
}
