using MmuNotifier.Hmm;
using MmuNotifier.Hmm.Drivers;
using MmuNotifier.Simulation;

namespace MmuNotifier.Exploration.Scenarios.Drivers;

/// <summary>
/// A reference driver on a small simulated address space. The oracle knows which byte each page had when: what the device reads the page
/// had at some moment within the call, no freed frame is touched, and afterwards device and CPU agree, also after another change.
/// </summary>
internal abstract class DriverScenario : Scenario
{
    /// <summary>Number of the first page.</summary>
    protected const int FirstPage = 1;

    /// <summary>Pages that are mapped at first and that the driver registers.</summary>
    protected const int PageCount = 4;

    private readonly string _driver;
    private readonly PageHistory[] _pages = new PageHistory[FirstPage + PageCount];
    private long _now;

    protected DriverScenario(string driver)
    {
        _driver = driver;
        Machine = new SimulatedMachine(new SimulatedMachineOptions { Frames = 1024, HugeTlbPages = 0, TransparentHugePages = false });
        Memory = new SimulatedMemory(Machine);
    }

    /// <summary>The driver's, then the scenario's.</summary>
    public override string Name => $"{_driver}:{GetType().Name}";

    protected SimulatedMachine Machine { get; }

    protected SimulatedMemory Memory { get; }

    /// <summary>Attached by <see cref="Attach"/>.</summary>
    protected IReferenceDriver Driver { get; private set; } = null!;

    /// <summary>Whether the device still is attached at the end and the check may use it.</summary>
    protected bool IsAttached { get; set; }

    public override void Check()
    {
        if (IsAttached)
        {
            for (int page = FirstPage; page < FirstPage + PageCount; page++)
                DeviceReads(page);

            // What was left behind in a table shows when the pages change once more.
            for (int page = FirstPage; page < FirstPage + PageCount; page++)
            {
                Unmap(page);
                DeviceReads(page);
            }
        }

        AssertNothingStale();
        Memory.Dispose();
    }

    /// <summary>Maps the pages, gives each its byte (its number), and attaches the driver.</summary>
    protected void MapAndAttach()
    {
        for (int page = FirstPage; page < FirstPage + PageCount; page++)
            _pages[page] = new PageHistory(PageHistory.Missing);
        Memory.Map(
            AddressOf(FirstPage), PageCount * (ulong)MirroredMemory.PageBytes, Protection.Read | Protection.Write,
            MapFlags.Fixed | MapFlags.Private, out _);
        for (int page = FirstPage; page < FirstPage + PageCount; page++)
        {
            Begin(page, 0);
            End(page, 0);
            Store(page, (byte)page);
        }

        Attach();
    }

    protected void Attach()
    {
        Driver = ReferenceDrivers.Attach(_driver, Memory, RangeOf(FirstPage, PageCount));
        IsAttached = true;
    }

    protected static DeviceMemory NewDevice() => new(DeviceMemoryKind.Private, new object(), capacityPages: 4);

    /// <summary>The device reads the first byte of a page.</summary>
    protected void DeviceReads(int page)
    {
        NamedStep.Note($"device reads page {page}");
        long start = ++_now;
        Span<byte> bytes = stackalloc byte[1];
        Errno error = Driver.Read(AddressOf(page), bytes);
        AssertNothingStale();
        int found = error switch
        {
            Errno.None => bytes[0],
            Errno.BadAddress => PageHistory.Missing,
            _ => Unexpected(error),
        };
        NamedStep.Note(found == PageHistory.Missing ? $"device got no page {page}" : $"device got {found} from page {page}");
        if (!_pages[page].HadSince(found, start))
            Explore.Assert(
                false, $"The device got {Describe(found)} from page {page}, which the CPU sees as {_pages[page].Describe(start)}.");
    }

    /// <summary>The device writes the first byte of a page, which nothing unmaps meanwhile.</summary>
    protected void DeviceWrites(int page, byte value)
    {
        NamedStep.Note($"device writes {value} to page {page}");
        Begin(page, value);
        Errno error = Driver.Write(AddressOf(page), [value]);
        AssertNothingStale();
        if (error != Errno.None)
            Unexpected(error);
        End(page, value);
    }

    protected void Store(int page, byte value)
    {
        NamedStep.Note($"CPU stores {value} to page {page}");
        Begin(page, value);
        Expect(Memory.Store(AddressOf(page), [value]));
        End(page, value);
    }

    /// <summary>What the CPU sees; must be a byte that the page had.</summary>
    protected void Load(int page)
    {
        NamedStep.Note($"CPU loads page {page}");
        long start = ++_now;
        Span<byte> bytes = stackalloc byte[1];
        Expect(Memory.Load(AddressOf(page), bytes));
        Explore.Assert(
            _pages[page].HadSince(bytes[0], start), $"The CPU got {bytes[0]} from page {page}, expected {_pages[page].Describe(start)}.");
    }

    protected void Unmap(int page)
    {
        NamedStep.Note($"CPU: munmap page {page}");
        Begin(page, PageHistory.Missing);
        Expect(Memory.Unmap(AddressOf(page), MirroredMemory.PageBytes));
        End(page, PageHistory.Missing);
    }

    /// <summary>A page of zeros.</summary>
    protected void Map(int page)
    {
        NamedStep.Note($"CPU: mmap page {page}");
        Begin(page, 0);
        Expect(Memory.Map(AddressOf(page), MirroredMemory.PageBytes, Protection.Read | Protection.Write, MapFlags.Fixed | MapFlags.Private,
            out _));
        End(page, 0);
    }

    protected void DontNeed(int page)
    {
        NamedStep.Note($"CPU: madvise(DONTNEED) page {page}");
        Begin(page, 0);
        Expect(Memory.Advise(AddressOf(page), MirroredMemory.PageBytes, Advice.DontNeed));
        End(page, 0);
    }

    /// <summary>From now on the page may be seen with this byte.</summary>
    protected void Begin(int page, int value) => _pages[page].Begin(value);

    /// <summary>From now on it is seen with no other.</summary>
    protected void End(int page, int value) => _pages[page].End(value, ++_now);

    protected static ulong AddressOf(int page) => (ulong)page * MirroredMemory.PageBytes;

    protected static AddressRange RangeOf(int page, int count) =>
        AddressRange.FromLength(AddressOf(page), (ulong)count * MirroredMemory.PageBytes);

    protected static void Expect(Errno error) => Explore.Assert(error == Errno.None, $"The CPU got {error}.");

    /// <summary>The pages of the history begin as these.</summary>
    protected void StartHistory(int page, int value) => _pages[page] = new PageHistory(value);

    private void AssertNothingStale()
    {
        if (Machine.StaleFrameAccesses > 0)
            Explore.Assert(false, "The device touched a frame that is free.");
    }

    private static int Unexpected(Errno error)
    {
        Explore.Assert(false, $"The device got {error}.");
        return 0;
    }

    private static string Describe(int value) => value == PageHistory.Missing ? "nothing" : $"{value}";
}
