using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace MmuNotifier.Benchmarks.Cores;

/// <summary>
/// A .NET heap of which pages are written, and a thread that looks at the clock: what tests/Targets/Native/written_memory.c is in C.
/// </summary>
internal sealed partial class ManagedMemory
{
    private const int PageBytes = 4096;
    private const int BlockPages = 256;
    private const uint MicrosecondsBetweenLooks = 50;
    private const int NanosecondsBetweenWrites = 1_000_000;
    private const int PagesAtOnce = 1024;

    private readonly byte[][] _blocks;
    private readonly byte[] _own = GC.AllocateArray<byte>(BlockPages * PageBytes, pinned: true);
    private readonly double _pagesPerSecond;
    private long _longest;
    private long _written;

    internal ManagedMemory(int mebibytes, double pagesPerSecond)
    {
        _pagesPerSecond = pagesPerSecond;
        _blocks = new byte[mebibytes][];
        for (int i = 0; i < mebibytes; i++)
        {
            _blocks[i] = GC.AllocateUninitializedArray<byte>(BlockPages * PageBytes);
            for (int page = 0; page < BlockPages; page++)
                _blocks[i][(page * PageBytes) + 1] = 1;
        }
    }

    internal int Run()
    {
        new Thread(WatchClock) { IsBackground = true }.Start();
        if (_pagesPerSecond != 0)
            new Thread(WritePages) { IsBackground = true }.Start();
        Console.WriteLine("ready");
        while (Console.ReadLine() is not null)
        {
            long gap = Interlocked.Exchange(ref _longest, 0);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{gap} {Interlocked.Exchange(ref _written, 0)}"));
        }

        return 0;
    }

    private void WatchClock()
    {
        long before = Stopwatch.GetTimestamp();
        for (int i = 0; ; i++)
        {
            _ = Sleep(MicrosecondsBetweenLooks);
            Volatile.Write(ref _own[i % BlockPages * PageBytes], (byte)i);
            long time = Stopwatch.GetTimestamp();
            long gap = (long)Stopwatch.GetElapsedTime(before, time).TotalNanoseconds;
            for (long seen = Volatile.Read(ref _longest); gap > seen; seen = Volatile.Read(ref _longest))
                Interlocked.CompareExchange(ref _longest, gap, seen);
            before = time;
        }
    }

    private void WritePages()
    {
        long begin = Stopwatch.GetTimestamp();
        var random = new Random(1);
        long pages = (long)_blocks.Length * BlockPages;
        for (long number = 0; ;)
        {
            long due = _pagesPerSecond < 0
                ? number + PagesAtOnce
                : (long)(Stopwatch.GetElapsedTime(begin).TotalSeconds * _pagesPerSecond);
            for (; number < due; number++)
            {
                long page = _pagesPerSecond < 0 ? number % pages : random.NextInt64(pages);
                Volatile.Write(ref _blocks[page / BlockPages][page % BlockPages * PageBytes], (byte)number);
                Volatile.Write(ref _written, _written + 1);
            }

            if (_pagesPerSecond >= 0)
                _ = Sleep(NanosecondsBetweenWrites / 1000);
        }
    }

    [LibraryImport("libc", EntryPoint = "usleep")]
    private static partial int Sleep(uint microseconds);
}
