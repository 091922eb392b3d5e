// A web API with a database, in two instances over one Redis.
//   dotnet run --project samples/CachingRedis               starts Redis and both instances, and serves until Ctrl-C
//   dotnet run --project samples/CachingRedis -- compare    makes the race happen in HybridCache with Redis, and here
using System.Globalization;
using CachingRedis;
using Microsoft.Extensions.Caching.Hybrid;
using MmuNotifier.Caching.Redis;
using MmuNotifier.Tests.Shared;
using StackExchange.Redis;

using var redis = new RedisServerProcess();
if (args is ["compare"])
{
    await CompareAsync("HybridCache with Redis", isCoherent: false);
    await CompareAsync("MmuNotifier.Caching.Redis", isCoherent: true);
    return;
}

string path = Path.Combine(Path.GetTempPath(), $"users{Environment.ProcessId}.db");
await using WebApplication one = Instance(new Users(path), isCoherent: true, 5001);
await using WebApplication two = Instance(new Users(path), isCoherent: true, 5002);
await one.StartAsync();
await two.StartAsync();
Console.WriteLine("curl localhost:5001/users/42; curl -X PUT localhost:5002/users/42/Bea; curl localhost:5001/users/42");
await one.WaitForShutdownAsync();

WebApplication Instance(Users users, bool isCoherent, int port)
{
    WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
    builder.Logging.SetMinimumLevel(LogLevel.Warning);
    builder.WebHost.UseUrls("http://127.0.0.1:" + port.ToString(CultureInfo.InvariantCulture));
    var connection = new ConfigurationOptions { EndPoints = { { "127.0.0.1", redis.Port } } };
    if (isCoherent)
    {
        builder.Services.AddRedisCoherentCache(options =>
        {
            options.Redis = connection;
            options.Mode = RedisCoherenceMode.Strict;
        });
    }
    else
    {
        builder.Services.AddStackExchangeRedisCache(options => options.ConfigurationOptions = connection);
        builder.Services.AddHybridCache();
    }

    WebApplication app = builder.Build();
    app.MapGet("/users/{id:int}", async (int id, HybridCache cache) =>
        await cache.GetOrCreateAsync($"user:{id}", _ => users.ReadAsync(id), tags: ["users"]));
    app.MapPut("/users/{id:int}/{name}", async (int id, string name, HybridCache cache) =>
    {
        users.Rename(id, name);
        await cache.RemoveAsync($"user:{id}");
    });
    return app;
}

// Instance B reads the user. Before it has put her into the cache, instance A renames her.
async Task CompareAsync(string name, bool isCoherent)
{
    string file = Path.GetTempFileName();
    var users = new Users(file);
    users.Rename(42, "Ann");
    int portA = RedisServerProcess.FreePort();
    await using WebApplication a = Instance(new Users(file), isCoherent, portA);
    await a.StartAsync();
    int portB = RedisServerProcess.FreePort();
    await using WebApplication b = Instance(users, isCoherent, portB);
    await b.StartAsync();
    using var http = new HttpClient();
    users.HoldNextRead();
    Task<string> first = http.GetStringAsync($"http://127.0.0.1:{portB}/users/42");
    await users.HasRead;
    (await http.PutAsync($"http://127.0.0.1:{portA}/users/42/Bea", null)).EnsureSuccessStatusCode();
    users.Release();
    await first;
    string cached = await http.GetStringAsync($"http://127.0.0.1:{portB}/users/42");
    Console.WriteLine($"{name}: B says {cached}, and the database says {await users.ReadAsync(42)}.");
    await a.StopAsync();
    await b.StopAsync();
    File.Delete(file);
}
