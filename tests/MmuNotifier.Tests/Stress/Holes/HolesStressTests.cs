namespace MmuNotifier.Tests.Stress.Holes;

/// <summary>Holes without locks; how to run a seed again or for longer: see <see cref="StressLoop"/>.</summary>
public class HolesStressTests(ITestOutputHelper output)
{
    [Fact]
    public void Holes_and_batches_without_locks_leave_the_right_pieces() =>
        StressLoop.Run(output, seconds: 3, (seed, threads) => new HolesRun(seed, threads).Execute());
}
