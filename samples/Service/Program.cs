using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MmuNotifier;
using MmuNotifier.Linux;
using MmuNotifier.Registration;
using MmuNotifier.Registration.DependencyInjection;
using OpenTelemetry.Metrics;

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddRegistrationCache<int, Keys>("nic", options => options.MaxBytes = 1L << 30);
builder.Services.AddHostedService<Transfers>();
builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
    .AddMeter(AddressSpace.MeterName, LinuxMemoryWatch.MeterName, RegistrationCacheMetrics.MeterName)
    .AddConsoleExporter());
await builder.Build().RunAsync();

/// <summary>What the service does: it transfers data out of a buffer whose memory is replaced now and then.</summary>
sealed class Transfers(
    [FromKeyedServices("nic")] RegistrationCache<int> cache, IMemoryWatch watch, IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Console.WriteLine(watch.Failure ?? "watching");
        ulong buffer = Memory.Map(0x3000_0000_0000, 65536, 3, 0x10_0022, -1, 0); // Private, anonymous, there.
        for (int i = 0; i < 3; i++)
            Transfer(buffer);
        Memory.Unmap(buffer, 65536);
        Memory.Map(buffer, 65536, 3, 0x10_0022, -1, 0);
        Transfer(buffer);
        lifetime.StopApplication(); // The metrics are exported once more when the host stops.
        return Task.CompletedTask;
    }

    private void Transfer(ulong buffer)
    {
        using RegistrationLease<int> lease = cache.Get(AddressRange.FromLength(buffer, 65536));
        Console.WriteLine($"transfer with key {lease.Registration}");
    }
}

/// <summary>Stands for the driver of a network card.</summary>
sealed class Keys : IRegistrationProvider<int>
{
    private int _made;

    public int Register(AddressRange range) => Interlocked.Increment(ref _made);

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
