namespace MmuNotifier.Registration;

/// <summary>What the calling thread does for the caches.</summary>
internal static class SettlingThread
{
    [ThreadStatic]
    private static bool t_isCurrent;

    [ThreadStatic]
    private static object? t_settlesSoon;

    /// <summary>Whether it is inside of a provider that a cache called to split or release.</summary>
    public static bool IsCurrent
    {
        get => t_isCurrent;
        set => t_isCurrent = value;
    }

    /// <summary>The cache that it settles as soon as all is reported, so that nobody else is woken for what its own call has reported.</summary>
    public static object? SettlesSoon
    {
        get => t_settlesSoon;
        set => t_settlesSoon = value;
    }
}
