using System.Globalization;
using System.Runtime.InteropServices;
using MmuNotifier;
using MmuNotifier.Linux;

namespace LinuxMemoryProgram;

/// <summary>Watches of this process's memory that are made while only some descriptors are left.</summary>
internal static unsafe partial class FewDescriptors
{
    private const int Limit = 256;
    private const int Most = 12;
    private const int DescriptorLimit = 7;

    /// <summary>
    /// A line for each number of free descriptors: the number, how many are free after the watch's end, what it says of itself.
    /// </summary>
    internal static void Run()
    {
        // What the runtime loads and opens once is there then, for a watch that works and for one that fails.
        using (var first = new LinuxMemoryWatch(new AddressSpace()))
            Console.WriteLine(Text(-1, -1, first));
        ulong* limits = stackalloc ulong[2] { Limit, Limit };
        if (SetLimit(DescriptorLimit, limits) != 0)
            throw new InvalidOperationException("The limit of descriptors cannot be set.");
        for (int free = 0; free <= Most; free++)
            Console.WriteLine(WithFree(free));
    }

    private static string WithFree(int free)
    {
        List<int> taken = TakeAll();
        foreach (int descriptor in taken[..free])
            _ = Close(descriptor);
        string said = LinuxMemoryWatch.TryCreate(new AddressSpace(), null, out LinuxMemoryWatch? watch, out string? reason)
            ? Text(free, free, watch)
            : string.Create(CultureInfo.InvariantCulture, $"{free} {free} {reason}");
        watch?.Dispose();
        List<int> left = TakeAll();
        if (left.Count != free)
            said = $"{free} {left.Count} LEAK {said}";
        foreach (int descriptor in left.Concat(taken[free..]))
            _ = Close(descriptor);
        return said;
    }

    private static List<int> TakeAll()
    {
        List<int> taken = [];
        for (int descriptor = Duplicate(1); descriptor >= 0; descriptor = Duplicate(1))
            taken.Add(descriptor);
        return taken;
    }

    private static string Text(int free, int left, LinuxMemoryWatch watch) => string.Create(
        CultureInfo.InvariantCulture, $"{free} {left} {watch.Failure ?? "works"} | {watch.RecordsFailure ?? "complete"}");

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, ulong* limits);

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
