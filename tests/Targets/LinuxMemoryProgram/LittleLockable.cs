using System.Globalization;
using System.Runtime.InteropServices;
using MmuNotifier;
using MmuNotifier.Linux;

namespace LinuxMemoryProgram;

/// <summary>A watch of this process's memory where little memory may be locked.</summary>
internal static unsafe partial class LittleLockable
{
    private const int LockableLimit = 8;

    /// <summary>Writes how many perf rings are mapped, their bytes, and why there are none.</summary>
    /// <param name="bytes">The limit; 0: as it is.</param>
    internal static void Run(ulong bytes)
    {
        ulong* limits = stackalloc ulong[2] { bytes, bytes };
        if (bytes != 0 && SetLimit(LockableLimit, limits) != 0)
            throw new InvalidOperationException("The limit of locked memory cannot be set.");
        using var watch = new LinuxMemoryWatch(new AddressSpace());
        int rings = 0;
        ulong mapped = 0;
        foreach (string line in File.ReadLines("/proc/self/maps").Where(line => line.Contains("[perf_event]", StringComparison.Ordinal)))
        {
            rings++;
            string[] bounds = line[..line.IndexOf(' ', StringComparison.Ordinal)].Split('-');
            mapped += ulong.Parse(bounds[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                - ulong.Parse(bounds[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }

        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{rings} {mapped} {watch.Failure ?? watch.RecordsFailure ?? "complete"}"));
    }

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, ulong* limits);
}
