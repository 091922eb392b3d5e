using System.Runtime.InteropServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MmuNotifier.Linux;

namespace MmuNotifier.Registration.DependencyInjection.Tests;

public sealed class AddRegistrationCacheTests
{
    [Fact]
    public async Task Cache_of_a_host_is_a_singleton_and_serves()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<IMemoryWatch>(new QuietWatch());
        builder.Services.AddRegistrationCache<int, Counting>();
        using IHost host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);

        var cache = host.Services.GetRequiredService<RegistrationCache<int>>();
        Assert.Same(cache, host.Services.GetRequiredService<RegistrationCache<int>>());
        int first = GetAndPut(cache);
        Assert.Equal(first, GetAndPut(cache));
        Assert.Equal((1L, 1L), (cache.Metrics.Hits, cache.Metrics.Misses));

        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Options_out_of_bounds_stop_the_host_at_start_and_say_which()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddRegistrationCache<int, Counting>("nic", options => options.MaxCount = 0);
        using IHost host = builder.Build();

        OptionsValidationException exception = await Assert.ThrowsAsync<OptionsValidationException>(
            () => host.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains("'nic'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("MaxCount", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_are_bound_to_a_configuration()
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Cache:MaxCount", "3"), new("Cache:ScanInterval", "00:00:01"), new("Cache:VerifyOnHit", "true")])
            .Build();
        var services = new ServiceCollection();
        services.AddSingleton(configuration);
        services.AddRegistrationCache<int, Counting>("nic").BindConfiguration("Cache");
        using ServiceProvider provider = services.BuildServiceProvider();

        RegistrationCacheOptions options = provider.GetRequiredService<IOptionsMonitor<RegistrationCacheOptions>>().Get("nic");
        Assert.Equal(
            ("nic", 3, true, TimeSpan.FromSeconds(1)),
            (options.Name, options.MaxCount, options.VerifyOnHit, options.ScanInterval));
    }

    [Fact]
    public void Named_caches_have_providers_and_options_of_their_own_and_share_the_watch()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IMemoryWatch>(new QuietWatch());
        services.AddRegistrationCache<int, Counting>("a", options => options.MaxCount = 1);
        services.AddRegistrationCache<int, Counting>("b");
        services.AddRegistrationCache<int, Counting>();
        using ServiceProvider provider = services.BuildServiceProvider();
        var a = provider.GetRequiredKeyedService<RegistrationCache<int>>("a");
        var b = provider.GetRequiredKeyedService<RegistrationCache<int>>("b");
        var unnamed = provider.GetRequiredService<RegistrationCache<int>>();

        Assert.Equal(3, new HashSet<RegistrationCache<int>> { a, b, unnamed }.Count);
        Assert.NotSame(provider.GetRequiredKeyedService<Counting>("a"), provider.GetRequiredKeyedService<Counting>("b"));
        foreach (RegistrationCache<int> cache in (RegistrationCache<int>[])[a, b])
        {
            GetAndPut(cache, 1);
            GetAndPut(cache, 2);
        }

        Assert.Equal((1, 2), (a.Count, b.Count));
        provider.GetRequiredService<IMemoryWatch>().Space.Invalidate(AddressRange.Whole, InvalidationEvent.Unmap);
        Assert.Equal((0, 0), (a.Count, b.Count));
    }

    [Fact]
    public unsafe void The_watch_is_this_process_s_own_and_is_disposed_of_after_the_caches()
    {
        const int bytes = 1 << 20;
        void* memory = NativeMemory.AlignedAlloc(bytes, 4096);
        var services = new ServiceCollection();
        services.AddRegistrationCache<int, Counting>();
        ServiceProvider provider = services.BuildServiceProvider();
        IMemoryWatch watch = provider.GetRequiredService<IMemoryWatch>();
        Assert.IsType<LinuxMemoryWatch>(watch);
        Assert.Same(watch, provider.GetRequiredService<IMemoryWatch>());
        using (provider.GetRequiredService<RegistrationCache<int>>().Get(AddressRange.FromLength((ulong)memory, bytes)))
        {
        }

        Counting counting = provider.GetRequiredService<Counting>();
        bool workedAtRelease = false;
        bool works = watch.Failure is null;
        counting.OnRelease = () => workedAtRelease = watch.Failure is null;

        provider.Dispose();
        Assert.Equal(works, workedAtRelease);
        Assert.NotNull(watch.Failure);
        NativeMemory.AlignedFree(memory);
    }

    [Fact]
    public void Problems_are_logged_by_the_logger_of_the_services()
    {
        var log = new RecordingLoggerProvider();
        var services = new ServiceCollection();
        var watch = new QuietWatch();
        services.AddSingleton<IMemoryWatch>(watch);
        services.AddLogging(logging => logging.AddProvider(log));
        services.AddRegistrationCache<int, Counting>("nic");
        using ServiceProvider provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredKeyedService<RegistrationCache<int>>("nic");
        watch.Failure = "no userfaultfd";
        GetAndPut(cache);
        GetAndPut(cache);

        (string category, string message) = Assert.Single(log.Messages);
        Assert.Equal("MmuNotifier.Registration", category);
        Assert.Contains("nic", message, StringComparison.Ordinal);
        Assert.Contains("no userfaultfd", message, StringComparison.Ordinal);
    }

    private static int GetAndPut(RegistrationCache<int> cache, ulong page = 1)
    {
        using RegistrationLease<int> lease = cache.Get(AddressRange.FromLength(page * 4096, 4096));
        return lease.Registration;
    }
}
