using System.Runtime.InteropServices;
using MmuNotifier;
using MmuNotifier.Linux;
using MmuNotifier.Registration;

using var watch = new LinuxMemoryWatch(new AddressSpace());
Console.WriteLine(watch.Failure ?? "watching");
using var cache = new RegistrationCache<string>(watch, new Labels());

ulong address = Memory.Map(0x3000_0000_0000, 65536, 3, 0x10_0022, -1, 0); // Private, anonymous, there.
AddressRange buffer = AddressRange.FromLength(address, 65536);
Use("first");
Use("again");
if (cache.TryGet(buffer, out RegistrationLease<string> kept)) // A hit or nothing: it never registers.
    kept.Dispose();
Memory.Unmap(address, 65536); // Any library may unmap; no call notifies the cache.
Memory.Map(address, 65536, 3, 0x10_0022, -1, 0);
Use("mapped again");
Memory.Unmap(address, 65536);

void Use(string when)
{
    using RegistrationLease<string> lease = cache.Get(buffer);
    Console.WriteLine($"{when}: {lease.Registration}"); // Valid until the lease ends.
}

sealed class Labels : IRegistrationProvider<string>
{
    private int _made;

    public string Register(AddressRange range) => $"registration {Interlocked.Increment(ref _made)}"; // On a miss.

    // Once, when nobody uses it.
    public void Release(string registration, AddressRange range) => Console.WriteLine($"release {registration}");
}

static partial class Memory
{
    [LibraryImport("libc", EntryPoint = "mmap")]
    public static partial ulong Map(ulong address, ulong length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    public static partial void Unmap(ulong address, ulong length);
}
