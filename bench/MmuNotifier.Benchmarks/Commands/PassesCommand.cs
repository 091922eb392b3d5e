using System.CommandLine;
using System.Diagnostics;
using System.Globalization;

namespace MmuNotifier.Benchmarks;

/// <summary>
/// The command line of <c>passes</c>: an invalidation that several devices must end their jobs for, in one pass and in two. A device is a
/// moment at which its job has ended; no threads.
/// </summary>
internal static class PassesCommand
{
    private const int Rounds = 101;
    private static readonly int[] s_devices = [1, 2, 4, 8];
    private static readonly TimeSpan s_jobEnd = TimeSpan.FromMicroseconds(200);

    internal static Command Create()
    {
        var command = new Command("passes", "How long an invalidation waits for N devices that take 200 µs each, in one pass and in two.");
        command.SetAction(_ =>
        {
            Console.WriteLine("| devices | one pass | two passes |\n|---|---|---|");
            foreach (int devices in s_devices)
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {devices} | {Measure(devices, inTwoPasses: false):0} µs | {Measure(devices, inTwoPasses: true):0} µs |"));
            }
        });
        return command;
    }

    /// <returns>The median, in microseconds.</returns>
    private static double Measure(int devices, bool inTwoPasses)
    {
        var space = new AddressSpace();
        var range = AddressRange.FromLength(0x10000, 0x10000);
        for (int i = 0; i < devices; i++)
            space.Insert(new Device(inTwoPasses), range);
        var times = new double[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            long begin = Stopwatch.GetTimestamp();
            space.Invalidate(range, InvalidationEvent.Clear);
            times[i] = Stopwatch.GetElapsedTime(begin).TotalMicroseconds;
        }

        Array.Sort(times);
        return times[Rounds / 2];
    }

    private sealed class Device(bool inTwoPasses) : IntervalNotifier, ISecondStep
    {
        private long _asked;

        public void Finish(in Invalidation invalidation)
        {
            while (Stopwatch.GetElapsedTime(_asked) < s_jobEnd)
                Thread.SpinWait(10);
        }

        protected override InvalidateResult Invalidate(in Invalidation invalidation)
        {
            _asked = Stopwatch.GetTimestamp();
            if (inTwoPasses)
                return InvalidateResult.FinishWith(this);
            Finish(invalidation);
            return InvalidateResult.Done;
        }
    }
}
