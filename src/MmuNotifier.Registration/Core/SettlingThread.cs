namespace MmuNotifier.Registration;

/// <summary>Whether the calling thread is inside of a provider that a cache called to split or release.</summary>
internal static class SettlingThread
{
    [ThreadStatic]
    private static bool t_isCurrent;

    public static bool IsCurrent
    {
        get => t_isCurrent;
        set => t_isCurrent = value;
    }
}
