namespace MmuNotifier.Tests.Stress;

/// <summary>What the callbacks of one start received and answered, on the thread that started it.</summary>
internal sealed class StartRecord
{
    [ThreadStatic]
    private static Stack<StartRecord?>? t_current;

    public List<(StressNotifier Notifier, AddressRange Overlap, bool IsInherited)> Calls { get; } = [];

    public List<StressWholeSpaceNotifier> WholeSpaceCalls { get; } = [];

    /// <summary>Callbacks, second steps and whole-space starts that threw.</summary>
    public int Throws { get; set; }

    /// <summary>Whose callbacks or second steps threw.</summary>
    public List<StressNotifier> Failed { get; } = [];

    public int Refusals { get; set; }

    /// <summary>Null while a registration, not a start, calls back.</summary>
    public static StartRecord? Current => t_current!.Peek();

    public static StartRecord Begin()
    {
        var record = new StartRecord();
        Push(record);
        return record;
    }

    public static void BeginRegistration() => Push(null);

    public static void End() => t_current!.Pop();

    private static void Push(StartRecord? record) => (t_current ??= new Stack<StartRecord?>()).Push(record);
}
