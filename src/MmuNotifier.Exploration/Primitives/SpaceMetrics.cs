using System.Diagnostics.Metrics;

namespace MmuNotifier;

#pragma warning disable CA1822 // Its members are those of the file that it stands in for.

/// <summary>
/// Stands in for src/MmuNotifier/Diagnostics/SpaceMetrics.cs: nobody listens, and no step of a schedule is spent on looking.
/// </summary>
internal sealed class SpaceMetrics
{
    private static readonly SpaceMetrics s_none = new();

    public string? Name => null;

    public bool IsHeard => false;

    public static SpaceMetrics Make(string? name, IMeterFactory? factory) => s_none;

    public void Add(AddressSpace space)
    {
    }

    public void NoteInvalidation(in Invalidation invalidation, long begun)
    {
    }

    public long BeginWait() => 0;

    public void EndWait(long begun, WaitKind kind)
    {
    }

    public Task<T> Time<T>(Task<T> wait, WaitKind kind) => wait;

    public static void NoteRetry(IntervalNotifier notifier)
    {
    }

    public void NoteFailure(Notifier notifier, Exception exception)
    {
    }
}
