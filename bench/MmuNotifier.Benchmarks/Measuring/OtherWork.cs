using System.Globalization;

namespace MmuNotifier.Benchmarks;

/// <summary>How busy everybody else keeps the machine, so that a disturbed run is known as one.</summary>
internal sealed class OtherWork
{
    /// <summary>Ticks a second in /proc/stat; the same on every Linux that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    private readonly double _others = BusySeconds() - OwnSeconds();
    private readonly DateTime _start = DateTime.UtcNow;

    /// <summary>Cores that other processes and other virtual machines used since this was made, on average.</summary>
    internal double Cores => CoresBeside(TimeSpan.Zero);

    /// <summary>The same where processes of ours were started and measured.</summary>
    /// <param name="measured">Processor time that they used since this was made.</param>
    internal double CoresBeside(TimeSpan measured) => Math.Max(
        0, (BusySeconds() - OwnSeconds() - measured.TotalSeconds - _others) / (DateTime.UtcNow - _start).TotalSeconds);

    private static double OwnSeconds() => Environment.CpuUsage.TotalTime.TotalSeconds;

    /// <summary>Everything but idle and waiting for disks, also what the hypervisor gave to others.</summary>
    private static double BusySeconds()
    {
        double[] ticks = [.. File.ReadLines("/proc/stat").First()
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Skip(1)
            .Take(8)
            .Select(value => double.Parse(value, CultureInfo.InvariantCulture))];
        const int idle = 3;
        const int waiting = 4;
        return (ticks.Sum() - ticks[idle] - ticks[waiting]) / TicksPerSecond;
    }
}
