namespace MmuNotifier.Tests.Stress;

/// <summary>The callbacks that one start made, on the thread that started it.</summary>
internal sealed class StartRecord
{
    [ThreadStatic]
    private static Stack<StartRecord>? t_current;

    public List<(StressNotifier Notifier, AddressRange Overlap, bool IsInherited)> Calls { get; } = [];

    public static StartRecord Begin()
    {
        var record = new StartRecord();
        (t_current ??= new Stack<StartRecord>()).Push(record);
        return record;
    }

    public static void End() => t_current!.Pop();

    public static void Note(StressNotifier notifier, in Invalidation invalidation) =>
        t_current!.Peek().Calls.Add((notifier, invalidation.Overlap, invalidation.IsInherited));
}
