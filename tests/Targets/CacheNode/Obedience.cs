using System.Diagnostics;
using MmuNotifier.Caching;
using MmuNotifier.Caching.Redis;

namespace MmuNotifier.Tests.Targets.CacheNode;

/// <summary>Does what the lines of the input say, and answers each with a line.</summary>
internal static class Obedience
{
    private static readonly string[] s_tags = ["tag"];

    public static async Task RunAsync(RedisCoherentCache cache, Source source)
    {
        Console.WriteLine("ready");
        Task<long> load = Task.FromResult(0L);
        var gate = new TaskCompletionSource();
        while (Console.ReadLine() is { } line)
        {
            string[] words = line.Split(' ');
            switch (words[0])
            {
                case "get":
                    long value = await cache.GetOrLoadAsync(words[1], _ => ValueTask.FromResult(source.Read(words[1])), null, s_tags);
                    Console.WriteLine(value);
                    break;
                case "hold": // Begins a load that has read the source when this answers.
                    gate = new TaskCompletionSource();
                    var entered = new TaskCompletionSource();
                    load = cache.GetOrLoadAsync(words[1], HoldAsync(words[1], source, entered, gate), null, s_tags).AsTask();
                    await entered.Task;
                    Console.WriteLine("entered");
                    break;
                case "release":
                    gate.SetResult();
                    Console.WriteLine(await load);
                    break;
                case "change":
                    long version = source.Change(words[1]);
                    await cache.InvalidateAsync(new[]
                    {
                        words[2] switch
                        {
                            "tag" => CacheName.Tag("tag"),
                            "prefix" => CacheName.Prefix(words[1][..1]),
                            _ => CacheName.Key(words[1]),
                        },
                    });
                    Console.WriteLine($"{version} {Stopwatch.GetTimestamp()}");
                    break;
                case "spin":
                    await SpinAsync(cache, source, words[1]);
                    break;
            }
        }
    }

    private static Func<CancellationToken, ValueTask<long>> HoldAsync(
        string key, Source source, TaskCompletionSource entered, TaskCompletionSource gate)
    {
        bool isFirst = true;
        return async _ =>
        {
            long read = source.Read(key);
            if (!isFirst)
                return read;
            isFirst = false;
            entered.SetResult();
            await gate.Task;
            return read;
        };
    }

    /// <summary>
    /// Looks up until the next line comes; says so after the first lookup. Then it prints each value that it got, with the begin of the
    /// last lookup that got it.
    /// </summary>
    private static async Task SpinAsync(RedisCoherentCache cache, Source source, string key)
    {
        var other = Task.Run(Console.ReadLine);
        var last = new SortedDictionary<long, long>();
        await LookUpAsync();
        Console.WriteLine("spinning");
        while (!other.IsCompleted)
            await LookUpAsync();

        Console.WriteLine(string.Join(' ', last.Select(each => $"{each.Key}@{each.Value}")));

        async Task LookUpAsync()
        {
            long begin = Stopwatch.GetTimestamp();
            last[await cache.GetOrLoadAsync(key, _ => ValueTask.FromResult(source.Read(key)), null, s_tags)] = begin;
        }
    }
}
