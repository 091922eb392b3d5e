namespace MmuNotifier.Tests.Stress;

/// <summary>
/// Readers that wait, give up and wait again, while overlapping invalidations end in any order on any thread, and the notifier moves: none
/// is left asleep. How to run it for longer: see <see cref="StressLoop"/>.
/// </summary>
public class WaitingReaderStressTests(ITestOutputHelper output)
{
    [Fact]
    public void No_reader_is_left_asleep() => StressLoop.Run(output, seconds: 4, static (seed, _) => new WaitingReaderRun(seed).Execute());
}
