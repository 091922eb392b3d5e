using System.Diagnostics;
using System.Globalization;

namespace MmuNotifier.Tests.Stress;

/// <summary>Many short runs, each with a fresh address space and the next seed.</summary>
/// <remarks>
/// A failure prints its seed. MMUN_STRESS_SEED=n makes that run again and again; MMUN_STRESS_THREADS=4 fixes the number of threads. Ten
/// minutes of each:
/// <code>
/// MMUN_STRESS_SECONDS=600 dotnet test --project tests/MmuNotifier.Tests -- --filter-namespace '*Stress*'
/// </code>
/// The seed fixes what each thread draws; how the threads interleave is the operating system's, so a failure may take several attempts.
/// </remarks>
internal static class StressLoop
{
    private static readonly int[] s_fixedSeeds = [1, 20, 300];

    public static void Run(ITestOutputHelper output, int seconds, Func<int, int, IReadOnlyCollection<string>> run)
    {
        int? givenSeed = Setting("MMUN_STRESS_SEED");
        int randomSeed = givenSeed ?? Environment.TickCount & 0xFFFFFF;
        output.WriteLine($"first seed {randomSeed}");
        TimeSpan duration = TimeSpan.FromSeconds(Setting("MMUN_STRESS_SECONDS") ?? seconds);
        if (givenSeed is null)
        {
            foreach (int seed in s_fixedSeeds)
                RunOne(seed, run);
        }

        var clock = Stopwatch.StartNew();
        int runs = 0;
        do
            RunOne(givenSeed ?? (randomSeed + runs), run);
        while (++runs > 0 && clock.Elapsed < duration);
        output.WriteLine($"{runs} runs");
    }

    private static void RunOne(int seed, Func<int, int, IReadOnlyCollection<string>> run)
    {
        int threads = Setting("MMUN_STRESS_THREADS") ?? (2 + (seed % 3));
        IReadOnlyCollection<string> violations = run(seed, threads);
        Assert.True(
            violations.Count == 0, $"MMUN_STRESS_SEED={seed} MMUN_STRESS_THREADS={threads}\n{string.Join('\n', violations.Take(10))}");
    }

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out int value)
            ? value
            : null;
}
