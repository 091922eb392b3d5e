namespace MmuNotifier.Registration;

/// <summary>Which providers the calling thread is inside of.</summary>
internal static class ProviderCalls
{
    [ThreadStatic]
    private static List<Call>? t_calls;

    [ThreadStatic]
    private static int t_releases;

    /// <summary>
    /// Whether the thread is inside a call that splits or releases. What is due then is left to the cache's thread: a Release that frees
    /// watched memory would otherwise call the next one inside itself, and so on.
    /// </summary>
    public static bool IsReleasing => t_releases > 0;

    /// <summary>Whether the thread is inside a call that this cache made, so that the cache must not wait for it.</summary>
    public static bool IsInside(object cache)
    {
        if (t_calls is null)
            return false;
        foreach (Call call in t_calls)
        {
            if (ReferenceEquals(call.Cache, cache))
                return true;
        }

        return false;
    }

    /// <summary>To be disposed on the same thread when the provider returns or throws.</summary>
    public static Scope Enter(object cache, bool isRelease)
    {
        (t_calls ??= []).Add(new Call(cache, isRelease));
        t_releases += isRelease ? 1 : 0;
        return default;
    }

    internal readonly ref struct Scope
    {
#pragma warning disable CA1822 // A scope has an instance method.
        public void Dispose()
#pragma warning restore CA1822
        {
            List<Call> calls = t_calls!;
            t_releases -= calls[^1].IsRelease ? 1 : 0;
            calls.RemoveAt(calls.Count - 1);
        }
    }

    private readonly record struct Call(object Cache, bool IsRelease);
}
