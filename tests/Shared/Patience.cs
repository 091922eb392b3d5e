using System.Diagnostics;

namespace MmuNotifier.Tests.Shared;

/// <summary>
/// How long a test waits for what must come. A wait ends when the thing has come; the limit passes only if it never does, however busy the
/// machine is. A shorter limit would be an assertion about time.
/// </summary>
internal static class Patience
{
    internal static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    internal static int Milliseconds => (int)Limit.TotalMilliseconds;

    /// <summary>Waits until something holds; fails after <see cref="Limit"/>.</summary>
    internal static void Until(Func<bool> condition, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Limit)
                Assert.Fail($"did not happen within {Limit.TotalSeconds} s: {what}");
            Thread.Sleep(1);
        }
    }
}
