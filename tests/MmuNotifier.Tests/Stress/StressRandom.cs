namespace MmuNotifier.Tests.Stress;

/// <summary>What a thread of a run draws: seeded per thread, so that a seed gives each thread the same operations again.</summary>
internal static class StressRandom
{
    [ThreadStatic]
    private static Random? t_random;

    public static Random Current => t_random ??= new Random(Environment.CurrentManagedThreadId);

    public static void Seed(int seed, int thread) => t_random = new Random((seed * 31) + thread);

    public static bool Chance(int percent) => Current.Next(100) < percent;

    /// <summary>Stirs the interleaving, which is otherwise the operating system's.</summary>
    public static void Pause()
    {
        if (Chance(30))
            Thread.SpinWait(Current.Next(200));
        else if (Chance(3))
            Thread.Yield();
    }
}
