namespace MmuNotifier;

/// <summary>What a thread is inside of: a declared lock that it holds, or a call of user code by the engine.</summary>
internal struct HeldEntry
{
    public DependencyNode Node;

    /// <summary>The notifier that is called; null for a lock.</summary>
    public Notifier? Called;

    public CallKind Kind;

    /// <summary>The name of the lock, and where it was taken.</summary>
    public string LockName;
    public string File;
    public int Line;
    public string Member;

    public readonly bool IsLock => Called is null;

    public readonly string Call => Kind switch
    {
        CallKind.SecondStep => $"the second step of {TypeOfCalled} ({Called!.Space!.Dependencies})",
        CallKind.Released => $"the Released handler of {TypeOfCalled} ({Called!.Space!.Dependencies})",
        CallKind.WholeSpaceStart => $"InvalidateStart of {TypeOfCalled} ({Called!.Space!.Dependencies})",
        CallKind.WholeSpaceEnd => $"InvalidateEnd of {TypeOfCalled} ({Called!.Space!.Dependencies})",
        CallKind.WholeSpaceAging => $"TestYoung or ClearYoung of {TypeOfCalled} ({Called!.Space!.Dependencies})",
        CallKind.CallbackFailed => $"the CallbackFailed handler for {TypeOfCalled} ({Called!.Space!.Dependencies})",
        CallKind.Find => $"a find that holds {TypeOfCalled} ({Called!.Space!.Dependencies})",
        _ => $"the callback of {TypeOfCalled} ({Called!.Space!.Dependencies})",
    };

    public readonly string LockAndSite => $"driver lock '{LockName}', taken at {CallSite.Of(File, Line, Member)}";

    private readonly string TypeOfCalled => Called!.GetType().ToString();
}
