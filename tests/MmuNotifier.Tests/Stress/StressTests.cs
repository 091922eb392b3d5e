using System.Diagnostics;
using System.Globalization;

namespace MmuNotifier.Tests.Stress;

/// <summary>
/// Random operations from several threads, callbacks included, against an oracle. A failure prints its seed; to run that one again, or for
/// longer: MMUN_STRESS_SEED=n, MMUN_STRESS_SECONDS=600, MMUN_STRESS_THREADS=4.
/// </summary>
public class StressTests(ITestOutputHelper output)
{
    private const int OperationsPerThread = 1500;

    [Fact]
    public void The_contract_holds_under_random_operations()
    {
        int? fixedSeed = Setting("MMUN_STRESS_SEED");
        int seconds = Setting("MMUN_STRESS_SECONDS") ?? 10;
        int? fixedThreads = Setting("MMUN_STRESS_THREADS");
        int seed = fixedSeed ?? Environment.TickCount & 0xFFFFFF;
        output.WriteLine($"first seed {seed}");
        var clock = Stopwatch.StartNew();
        int runs = 0;
        do
        {
            int threads = fixedThreads ?? (2 + (seed % 3));
            IReadOnlyCollection<string> violations = new StressRun(seed, threads, OperationsPerThread).Execute();
            Assert.True(
                violations.Count == 0,
                $"MMUN_STRESS_SEED={seed} MMUN_STRESS_THREADS={threads}, run {runs}:\n{string.Join('\n', violations.Take(10))}");
            runs++;
            seed = fixedSeed ?? seed + 1;
        }
        while (clock.Elapsed.TotalSeconds < seconds);
        output.WriteLine($"{runs} runs, last seed {seed - 1}");
    }

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) ? value : null;
}
