using MmuNotifier.Hmm;
using MmuNotifier.Simulation;

namespace MmuNotifier.Registration.Tests;

/// <summary>Registrations that read and write the frames of a simulated memory: what a stale one would reach is seen.</summary>
public sealed class SimulatedMemoryTests : IDisposable
{
    private const ulong Length = 16 * MirroredMemory.PageBytes;

    private readonly SimulatedMemory _memory = new();
    private readonly TestWatch _watch;
    private readonly RegistrationCache<ulong[]> _cache;

    public SimulatedMemoryTests()
    {
        _watch = new TestWatch(_memory.Space);
        _cache = new RegistrationCache<ulong[]>(_watch, new FrameProvider(_memory));
    }

    public void Dispose()
    {
        _cache.Dispose();
        Assert.Equal(0, _watch.Watched);
        Assert.Equal(0, _memory.Machine.StaleFrameAccesses);
        _memory.Dispose();
    }

    [Fact]
    public void Memory_mapped_again_at_the_address_is_registered_anew()
    {
        ulong address = Map();
        Fill(address, 1);
        Assert.Equal(1, ReadByLease(address));
        Assert.Equal(Errno.None, _memory.Unmap(address, Length));
        Map(address);
        Fill(address, 2);
        Assert.Equal(2, ReadByLease(address));
    }

    [Fact]
    public void Pages_dropped_by_advice_are_registered_anew()
    {
        ulong address = Map();
        Fill(address, 1);
        Assert.Equal(1, ReadByLease(address));
        Assert.Equal(Errno.None, _memory.Advise(address, Length, Advice.DontNeed));
        Assert.Equal(0, ReadByLease(address));
    }

    [Fact]
    public void Moved_memory_is_registered_where_it_is()
    {
        ulong address = Map();
        Fill(address, 1);
        Assert.Equal(1, ReadByLease(address));
        Assert.Equal(Errno.None, _memory.Remap(address, Length, 2 * Length, RemapFlags.MayMove, out ulong moved));
        Assert.Equal(1, ReadByLease(moved));
    }

    [Fact]
    public void Fork_and_a_write_of_the_parent_leave_nothing_stale()
    {
        ulong address = Map();
        Fill(address, 1);
        Assert.Equal(1, ReadByLease(address));
        using VirtualMemory child = _memory.Fork();
        Fill(address, 2);
        Assert.Equal(2, ReadByLease(address));
    }

    [Fact]
    public void Random_changes_leave_nothing_stale()
    {
        var random = new Random(1);
        ulong address = Map();
        for (byte value = 1; value < 200; value++)
        {
            switch (random.Next(4))
            {
                case 0:
                    Assert.Equal(Errno.None, _memory.Unmap(address, Length));
                    Map(address);
                    break;
                case 1:
                    Assert.Equal(Errno.None, _memory.Advise(address, Length, Advice.DontNeed));
                    break;
                case 2:
                    _memory.Fork().Dispose();
                    break;
            }

            Fill(address, value);
            Assert.Equal(value, ReadByLease(address));
        }
    }

    private ulong Map(ulong address = 0)
    {
        MapFlags flags = address == 0 ? MapFlags.Private : MapFlags.Private | MapFlags.Fixed;
        Assert.Equal(Errno.None, _memory.Map(address, Length, Protection.Read | Protection.Write, flags, out ulong mapped));
        return mapped;
    }

    private void Fill(ulong address, byte value)
    {
        byte[] bytes = new byte[Length];
        Array.Fill(bytes, value);
        Assert.Equal(Errno.None, _memory.Store(address, bytes));
    }

    /// <summary>What the registration reaches, the same in all pages.</summary>
    private byte ReadByLease(ulong address)
    {
        using RegistrationLease<ulong[]> lease = _cache.Get(AddressRange.FromLength(address, Length));
        byte[] page = new byte[1];
        byte? value = null;
        foreach (ulong frame in lease.Registration)
        {
            Assert.Equal(Errno.None, _memory.ReadFrame(frame, 100, page));
            value ??= page[0];
            Assert.Equal(value, page[0]);
        }

        return value!.Value;
    }

    private sealed class FrameProvider(SimulatedMemory memory) : IRegistrationProvider<ulong[]>
    {
        public ulong[] Register(AddressRange range)
        {
            var pages = new PageEntry[(int)((range.Last - range.Start + 1) / MirroredMemory.PageBytes)];
            for (ulong address = range.Start; address < range.Last; address += MirroredMemory.PageBytes)
                Assert.Equal(Errno.None, memory.FaultIn(address, isWrite: true));
            memory.GetPages(range, pages);
            return [.. pages.Select(page => page.Frame)];
        }

        public void Release(ulong[] registration, AddressRange range)
        {
        }
    }
}
