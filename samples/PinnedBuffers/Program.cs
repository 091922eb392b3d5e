using System.Runtime.InteropServices;
using MmuNotifier;
using MmuNotifier.Linux;
using MmuNotifier.Registration;

using var watch = new LinuxMemoryWatch(new AddressSpace());
Console.WriteLine(watch.Failure ?? "watching");
var options = new RegistrationCacheOptions { ExclusiveRanges = true, OverlapTimeout = TimeSpan.FromMilliseconds(50) };
using var cache = new RegistrationCache<int>(watch, new Driver(), options);

ulong memory = Memory.Map(0, 1 << 20, 3, 0x22, -1, 0); // Private, anonymous.
AddressRange left = AddressRange.FromLength(memory, 65536), middle = AddressRange.FromLength(memory + 32768, 65536);
using (RegistrationLease<int> lease = cache.Get(left))
    Console.WriteLine($"left: pin {lease.Registration}");
using (RegistrationLease<int> lease = cache.Get(left))
    Console.WriteLine($"left again: pin {lease.Registration}");
using (RegistrationLease<int> lease = cache.Get(middle)) // The driver would refuse: the pin that nobody uses gives way first.
{
    Console.WriteLine($"middle: pin {lease.Registration}");
    try
    {
        cache.Get(left).Dispose(); // The pin of the middle is in use.
    }
    catch (RegistrationOverlapException)
    {
        Console.WriteLine("left: refused while the middle is in use");
    }
}

Memory.Unmap(memory, 1 << 20); // Any library may unmap; the driver's pin goes, too.

/// <summary>Stands for a driver that refuses to pin a page twice, as cudaHostRegister does.</summary>
sealed class Driver : IRegistrationProvider<int>
{
    private readonly List<AddressRange> _pinned = [];
    private int _made;

    public int Register(AddressRange range)
    {
        lock (_pinned)
        {
            if (_pinned.Exists(range.Overlaps))
                throw new InvalidOperationException("already pinned");
            _pinned.Add(range);
            return ++_made;
        }
    }

    public void Release(int registration, AddressRange range)
    {
        lock (_pinned)
            _pinned.Remove(range);
        Console.WriteLine($"unpin {registration}");
    }
}

static partial class Memory
{
    [LibraryImport("libc", EntryPoint = "mmap")]
    public static partial ulong Map(ulong address, ulong length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    public static partial void Unmap(ulong address, ulong length);
}
