using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests;

/// <summary>
/// Makes system calls of the thread that begins it fail, until that thread disposes of it. Tests that run beside it notice nothing: each
/// thread has a plan of its own.
/// </summary>
internal sealed class ThreadFaults : IDisposable
{
    [ThreadStatic]
    private static Func<string, int>? t_plan;

    static ThreadFaults() => FaultInjection.Plan = call => t_plan?.Invoke(call) ?? 0;

    /// <param name="plan">Gets the name of a call before it is made; answers the error it fails with, or 0.</param>
    internal ThreadFaults(Func<string, int> plan)
    {
        Assert.True(FaultInjection.IsSupported, "The switch MmuNotifier.FaultInjection.IsSupported is off.");
        Assert.Null(t_plan);
        t_plan = plan;
    }

    public void Dispose()
    {
        Assert.NotNull(t_plan);
        t_plan = null;
    }
}
