// A program that has the packages and nothing else of this repository: one line a package.
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using MmuNotifier;
using MmuNotifier.Caching;
using MmuNotifier.Caching.Redis;
using MmuNotifier.Hmm;
using MmuNotifier.Hmm.Drivers;
using MmuNotifier.IoUring;
using MmuNotifier.Processes;
using MmuNotifier.Registration;
using MmuNotifier.Registration.DependencyInjection;
using MmuNotifier.Simulation;
using StackExchange.Redis;

var space = new AddressSpace();
space.Insert(new Mirror(), AddressRange.FromLength(0x10000, 0x4000));
using (space.StartInvalidation(new AddressRange(0x11000, 0x11fff), InvalidationEvent.Unmap))
{
}

using var simulated = new SimulatedMemory();
Console.WriteLine($"simulation: {simulated.Map(0, 0x4000, Protection.Read | Protection.Write, MapFlags.Private, out _)}");
using IReferenceDriver driver = ReferenceDrivers.Attach("svm", simulated, AddressRange.FromLength(0, 0x4000));
Console.WriteLine($"driver: {driver.Name}");

using (var values = new CoherentCache())
{
    await values.GetOrLoadAsync("user:1", static _ => ValueTask.FromResult("Ann"));
    values.Remove("user:1");
    Console.WriteLine($"values: {await values.GetOrLoadAsync("user:1", static _ => ValueTask.FromResult("Bea"))}");
}

await using (var values = new RedisCoherentCache(new RedisCoherentCacheOptions { Redis = ConfigurationOptions.Parse("127.0.0.1:1") }))
{
    string value = await values.GetOrLoadAsync("user:1", static _ => ValueTask.FromResult("Ann"));
    Console.WriteLine($"values on Redis: {value}, {values.HasLease}");
}

try
{
    TimeSpan limit = TimeSpan.FromMinutes(1);
    using LiveProcess process = LiveProcess.Launch("sleep", ["600"]);
    process.Start();
    using (WriteTracker writes = process.TrackWrites())
    using (FrozenProcess frozen = process.Freeze(limit))
    {
        ReadOutcome outcome = frozen.Read(frozen.GetThreads()[0].StackPointer, new byte[8], out int read);
        Console.Write($"process: {frozen.GetThreads().Count} thread, {outcome} {read}, {writes.Take().Ranges.Count > 1000} ");
    }

    string path = Path.Combine(Path.GetTempPath(), $"consumer-{process.ProcessId}");
    CoreReport core = process.WriteCore(path, new CoreOptions { MaxStop = limit });
    Console.Write($"{core.Threads} {new FileInfo(path).Length > 0} ");
    File.Delete(path);
    Process.GetProcessById(process.ProcessId).Kill();
    Console.WriteLine($"{process.WaitForExit(limit)} {process.ExitCode}");
}
catch (ProcessAttachException exception)
{
    Console.WriteLine($"process: {exception.Message}");
}

var services = new ServiceCollection();
services.AddRegistrationCache<int, Numbers>("pages", options => options.MaxCount = 10);
using ServiceProvider provider = services.BuildServiceProvider();
IMemoryWatch watch = provider.GetRequiredService<IMemoryWatch>();
Console.WriteLine($"watch: {watch.Failure ?? "works"}");
var cache = provider.GetRequiredKeyedService<RegistrationCache<int>>("pages");
ulong address = Memory.Map(0x3000_0000_0000, 65536, 3, 0x10_0022, -1, 0);
Use();
Use();
Memory.Unmap(address, 65536);
Memory.Map(address, 65536, 3, 0x10_0022, -1, 0);
Use();
Console.WriteLine($"cache: {cache.Metrics.Hits} hits, {cache.Metrics.Misses} misses, {cache.Metrics.Uncached} uncached");

try
{
    using var notARing = File.OpenHandle("/dev/null");
    using var registry = new IoUringBufferRegistry(notARing, watch);
}
catch (IoUringBufferException exception)
{
    Console.WriteLine($"io_uring: {exception.Message}");
}

void Use()
{
    using RegistrationLease<int> lease = cache.Get(AddressRange.FromLength(address, 65536));
    Console.WriteLine($"registration {lease.Registration}");
}

sealed class Mirror : IntervalNotifier
{
    protected override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        Console.WriteLine($"engine: drop {invalidation.Overlap}");
        return InvalidateResult.Done;
    }
}

sealed class Numbers : IRegistrationProvider<int>
{
    private int _made;

    public int Register(AddressRange range) => ++_made;

    public void Release(int registration, AddressRange range)
    {
    }
}

static partial class Memory
{
    [LibraryImport("libc", EntryPoint = "mmap")]
    public static partial ulong Map(ulong address, ulong length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    public static partial void Unmap(ulong address, ulong length);
}
