namespace MmuNotifier.Hmm.Drivers.SelfTests;

/// <summary>One scenario on one variant of its fixture.</summary>
public sealed class SelfTest
{
    internal static readonly TimeSpan UsualLimit = TimeSpan.FromSeconds(30);

    internal SelfTest(string name, int firstDevice, int devices, Action<SelfTestBench> run)
    {
        Name = name;
        FirstDevice = firstDevice;
        Devices = devices;
        Run = run;
    }

    /// <summary>As the kernel's self tests name it: fixture.variant.test.</summary>
    public string Name { get; }

    /// <summary>The index of its (first) device.</summary>
    internal int FirstDevice { get; }

    /// <summary>How many devices it has open: 1 or 2, with indices one after the other.</summary>
    internal int Devices { get; }

    /// <summary>How long it may take.</summary>
    internal TimeSpan Limit { get; init; } = UsualLimit;

    /// <summary>What it does; throws <see cref="SelfTestFailure"/> or <see cref="SelfTestSkip"/>.</summary>
    internal Action<SelfTestBench> Run { get; }
}
