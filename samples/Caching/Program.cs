using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using MmuNotifier.Caching;

// A request reads the user. Before it has put her into the cache, another one renames her and removes her from the cache.
string database = "Ann";

using var plain = new MemoryCache(new MemoryCacheOptions());
await ReadWhileRenamed(
    load => plain.GetOrCreateAsync("user:42", _ => load(default).AsTask())!,
    () => plain.Remove("user:42"));
Console.WriteLine($"MemoryCache: {plain.Get("user:42")}, and the database says {database}.");

using ServiceProvider services = new ServiceCollection().AddCoherentCache().Services.BuildServiceProvider();
HybridCache hybrid = services.GetRequiredService<HybridCache>();
await ReadWhileRenamed(
    load => hybrid.GetOrCreateAsync("user:42", load).AsTask(),
    () => hybrid.RemoveAsync("user:42").AsTask().Wait());
Console.WriteLine($"CoherentCache: {await hybrid.GetOrCreateAsync("user:42", ReadDatabase)}, and the database says {database}.");

// Around a transaction: nothing is kept under these names until it has been committed.
CoherentCache cache = services.GetRequiredService<CoherentCache>();
await using (cache.StartInvalidation(CacheName.Prefix("user:"), CacheName.Tag("names")))
    database = "Cleo";
Console.WriteLine($"After the scope: {await hybrid.GetOrCreateAsync("user:42", ReadDatabase)}.");

ValueTask<string> ReadDatabase(CancellationToken cancellationToken) => ValueTask.FromResult(database);

async Task ReadWhileRenamed(Func<Func<CancellationToken, ValueTask<string>>, Task<string>> request, Action remove)
{
    database = "Ann";
    var hasRead = new TaskCompletionSource();
    var isRenamed = new TaskCompletionSource();
    Task<string> first = request(async _ =>
    {
        string user = database;
        hasRead.TrySetResult();
        await isRenamed.Task;
        return user;
    });
    await hasRead.Task;
    database = "Bea";
    remove();
    isRenamed.SetResult();
    await first;
}
