using System.Buffers.Binary;
using System.Diagnostics;

namespace MmuNotifier.Hmm.Drivers.Stress;

/// <summary>
/// Runs accesses of a device, accesses of the CPU, changes of the address space and migrations by another device against each other on
/// several threads, and checks every access against what a coherent memory may do.
/// </summary>
public sealed class DriverStress
{
    private readonly StressOptions _options;
    private readonly StressArena _arena;
    private readonly AddressSpaceChanger _changer;
    private readonly IReferenceDriver _driver;
    private readonly CancellationToken _cancellation;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly long[] _counts = new long[6];
    private long _values;
    private long _operations;
    private Exception? _exception;

    private DriverStress(StressArena arena, IReferenceDriver driver, StressOptions options, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        _arena = arena;
        _driver = driver;
        _options = options;
        _changer = new AddressSpaceChanger(arena);
    }

    private enum Count
    {
        DeviceAccess,
        DeviceRefusal,
        DeviceBusy,
        CpuAccess,
        Change,
        MigratedPage,
    }

    /// <summary>
    /// Runs, on the calling thread and others, until the duration or the number of operations is over, or an access is wrong.
    /// </summary>
    /// <param name="memory">The address space; gets mappings of its own for the run.</param>
    /// <param name="attach">Attaches the driver: given the address space and the range that will be accessed.</param>
    /// <param name="options">Threads, pages and limits of the run.</param>
    /// <param name="cancellationToken">Ends the run before its limits; what was found until then is returned.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="ArgumentException">
    /// An option is out of its bounds, or neither a duration nor a number of operations is given.
    /// </exception>
    public static StressResult Run(
        VirtualMemory memory,
        Func<VirtualMemory, AddressRange, IReferenceDriver> attach,
        StressOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(attach);
        ArgumentNullException.ThrowIfNull(options);
        StressOptions copy = options with { };
        copy.Validate();
        using var arena = new StressArena(memory, copy.Pages, copy.Threads);
        using IReferenceDriver driver = attach(memory, arena.Range);
        return new DriverStress(arena, driver, copy, cancellationToken).Run();
    }

    private StressResult Run()
    {
        Thread[] threads =
        [
            .. Enumerable.Range(0, _options.Threads)
                .Select(number => new Thread(() => Work(number)) { IsBackground = true, Name = "stress" }),
        ];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        if (_exception is not null)
            throw new InvalidOperationException($"A thread of the stress run failed: {_exception.Message}", _exception);
        for (int page = 0; page < 2 * _arena.Pages && _arena.Oracle.Failure is null; page++)
        {
            Read(page, 0, isDevice: true);
            Read(page, 0, isDevice: false);
        }

        return new StressResult
        {
            Operations = _operations,
            DeviceAccesses = _counts[(int)Count.DeviceAccess],
            DeviceRefusals = _counts[(int)Count.DeviceRefusal],
            DeviceBusy = _counts[(int)Count.DeviceBusy],
            CpuAccesses = _counts[(int)Count.CpuAccess],
            Changes = _counts[(int)Count.Change],
            MigratedPages = _counts[(int)Count.MigratedPage],
            Failure = _arena.Oracle.Failure,
        };
    }

    private void Work(int thread)
    {
        try
        {
            var random = new Random((_options.Seed * 397) ^ thread);
            while (GoesOn())
                Step(random, thread);
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref _exception, exception, null);
        }
    }

    private bool GoesOn() => _arena.Oracle.Failure is null && Volatile.Read(ref _exception) is null
        && !_cancellation.IsCancellationRequested
        && (_options.Duration is not { } duration || _clock.Elapsed < duration)
        && Interlocked.Increment(ref _operations) <= (_options.Operations ?? long.MaxValue);

    private void Step(Random random, int thread)
    {
        int page = random.Next(2 * _arena.Pages);
        switch (random.Next(20))
        {
            case < 6:
                Read(page, thread, isDevice: true);
                break;
            case < 10:
                Write(page, thread, isDevice: true);
                break;
            case < 13:
                Read(page, thread, isDevice: false);
                break;
            case < 16:
                Write(page, thread, isDevice: false);
                break;
            case < 17 when _arena.Mover is { } mover:
                Migrate(mover, random, thread);
                break;
            default:
                _changer.Change(random, thread, NextValue);
                Add(Count.Change);
                break;
        }
    }

    private void Read(int page, int thread, bool isDevice)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        long begin = _arena.Oracle.Begin(thread);
        Errno error = isDevice ? _driver.Read(_arena.AddressOf(page), word) : _arena.Memory.Load(_arena.AddressOf(page), word);
        _arena.Oracle.CheckRead(page, thread, isDevice ? "device" : "CPU", begin, error, BinaryPrimitives.ReadUInt64LittleEndian(word));
        _arena.Oracle.End(thread);
        CountAccess(isDevice, error);
    }

    private void Write(int page, int thread, bool isDevice)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        ulong value = NextValue();
        BinaryPrimitives.WriteUInt64LittleEndian(word, value);
        RegisterWrite write = _arena.Oracle.BeginWrite(page, thread, value, out _);
        Errno error = isDevice ? _driver.Write(_arena.AddressOf(page), word) : _arena.Memory.Store(_arena.AddressOf(page), word);
        _arena.Oracle.EndWrite(page, thread, isDevice ? "device" : "CPU", write, error);
        _arena.Oracle.End(thread);
        CountAccess(isDevice, error);
    }

    // The CPU's touch brings a page back, unless somebody else did before.
    private void Migrate(PageMover mover, Random random, int thread)
    {
        foreach (int page in mover.Move(random))
        {
            Add(Count.MigratedPage);
            if (random.Next(2) == 0)
                Read(page, thread, isDevice: false);
        }
    }

    private ulong NextValue() => (ulong)Interlocked.Increment(ref _values);

    private void CountAccess(bool isDevice, Errno error)
    {
        if (!isDevice)
            Add(Count.CpuAccess);
        else if (error == Errno.None)
            Add(Count.DeviceAccess);
        else
            Add(error == Errno.Busy ? Count.DeviceBusy : Count.DeviceRefusal);
    }

    private void Add(Count what) => Interlocked.Increment(ref _counts[(int)what]);
}
