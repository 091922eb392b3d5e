namespace MmuNotifier.Hmm.Drivers.SelfTests;

/// <summary>All self tests: each scenario on private and on coherent devices.</summary>
public static class SelfTestList
{
    /// <summary>In the order in which they run.</summary>
    public static IReadOnlyList<SelfTest> All { get; } =
    [
        .. Variants("hmm", 1, [.. AccessScenarios.All, .. MigrationScenarios.All, .. SharingScenarios.All, .. HugePageScenarios.All]),
        .. Variants("hmm2", 2, [.. TwoDeviceScenarios.All]),
    ];

    private static IEnumerable<SelfTest> Variants(string fixture, int devices, (string Name, Action<SelfTestBench> Run)[] scenarios)
    {
        foreach ((string variant, int first) in new[] { ($"{fixture}_device_private", 0), ($"{fixture}_device_coherent", 2) })
        {
            foreach ((string name, Action<SelfTestBench> run) in scenarios)
            {
                TimeSpan limit = name == MigrationBenchmark.Name ? MigrationBenchmark.Limit : SelfTest.UsualLimit;
                yield return new SelfTest($"{fixture}.{variant}.{name}", first, devices, run) { Limit = limit };
            }
        }
    }
}
