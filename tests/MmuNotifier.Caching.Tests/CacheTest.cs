namespace MmuNotifier.Caching.Tests;

/// <summary>A cache over a source with one number, which counts its loads.</summary>
public abstract class CacheTest : IDisposable
{
    private int _source = 1;
    private int _loads;

    protected CacheTest(CoherentCacheOptions? options = null)
    {
        Cache = new CoherentCache(options);
    }

    protected CoherentCache Cache { get; }

    protected int Source
    {
        get => Volatile.Read(ref _source);
        set => Volatile.Write(ref _source, value);
    }

    protected int Loads => Volatile.Read(ref _loads);

    public virtual void Dispose()
    {
        Cache.Dispose();
        GC.SuppressFinalize(this);
    }

    protected ValueTask<int> LoadAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _loads);
        return ValueTask.FromResult(Source);
    }

    protected async Task<int> GetAsync(string key, params string[] tags) => await Cache.GetOrLoadAsync(key, LoadAsync, null, tags);

    /// <summary>The value that is kept; null for none.</summary>
    protected int? Kept(string key) => Cache.TryGet(key, out int value) ? value : null;

    private protected HeldLoader<int> Hold() => new(() => Source);
}
