using System.Runtime.InteropServices;
using MmuNotifier;
using MmuNotifier.Linux;

const int Changes = 200;
using var watch = new LinuxMemoryWatch(new AddressSpace());
ulong code = Memory.Map(0, 65536, 3, 0x22, -1, 0); // Private, anonymous.
if (!watch.TryWatchWrites(AddressRange.FromLength(code, 65536), out WriteWatch? writes))
{
    Console.WriteLine(watch.Failure);
    return;
}

// Two threads run a block of code, while the program that it belongs to changes it again and again.
var cache = new SharedCodeCache(writes);
int newest = 0;
int stale = 0;
Task[] runners = [Task.Run(RunUntilTheLast), Task.Run(RunUntilTheLast)];
for (int change = 1; change <= Changes; change++)
{
    Marshal.WriteByte((nint)code, (byte)change);
    Volatile.Write(ref newest, change);
    Thread.Sleep(1);
}

await Task.WhenAll(runners);
Console.WriteLine($"{stale} stale results beside {Changes} changes; compiled again: {cache.Compilations > 1}");
writes.Dispose();

void RunUntilTheLast()
{
    for (int known = 0; known < Changes;)
    {
        known = Volatile.Read(ref newest); // The code adds this much, or has been changed once more.
        if (cache.Run(code, 0) < known)
            Interlocked.Increment(ref stale);
    }
}

/// <summary>Compiles code of a small machine for several threads: each byte is added, 0 ends.</summary>
sealed class SharedCodeCache : IntervalNotifier
{
    private const int LongestBlock = 256;

    private readonly AddressSpace _space = new("code");
    private readonly WriteWatch _writes;
    private readonly Lock _looking = new();
    private readonly List<AddressRange> _written = [];
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, Func<int, int>> _compiled = [];

    public SharedCodeCache(WriteWatch writes)
    {
        _writes = writes;
        _space.Insert(this, AddressRange.Whole);
    }

    public int Compilations { get; private set; }

    public int Run(ulong address, int value)
    {
        // The watch reports each write once, to one thread. Another thread gets no pages, but waits here until the first has dropped
        // the blocks.
        lock (_looking)
        {
            _writes.TakeWritten(_written);
            foreach (AddressRange pages in _written)
                _space.Invalidate(pages, InvalidationEvent.Clear);
        }

        return Find(address)(value);
    }

    private Func<int, int> Find(ulong address)
    {
        while (true)
        {
            lock (_lock)
            {
                if (_compiled.TryGetValue(address, out Func<int, int>? known))
                    return known;
            }

            ReadSection section = ReadBegin(BlockAt(address));
            Func<int, int> compiled = Compile(address);
            lock (_lock)
            {
                Compilations++;
                if (!section.MustRetry) // Else a look has found the code changed since, and it is compiled again.
                    return _compiled[address] = compiled;
            }
        }
    }

    private static AddressRange BlockAt(ulong address) => AddressRange.FromLength(address, LongestBlock);

    private static Func<int, int> Compile(ulong address)
    {
        Func<int, int> compiled = value => value;
        for (int at = 0; at < LongestBlock && Marshal.ReadByte((nint)address, at) is var step && step != 0; at++)
        {
            Func<int, int> before = compiled;
            compiled = value => before(value) + step;
        }

        return compiled;
    }

    /// <summary>Called by the thread that looks, with the pages that were written.</summary>
    protected override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        lock (_lock)
        {
            foreach (ulong address in _compiled.Keys.ToArray())
            {
                if (invalidation.Overlap.Overlaps(BlockAt(address)))
                    _compiled.Remove(address);
            }
        }

        return InvalidateResult.Done;
    }
}

static partial class Memory
{
    [LibraryImport("libc", EntryPoint = "mmap")]
    public static partial ulong Map(ulong address, ulong length, int protection, int flags, int file, long offset);
}
