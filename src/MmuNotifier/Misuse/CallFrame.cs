namespace MmuNotifier;

/// <summary>The time that the engine is inside a call of user code, on the thread that makes it. Nothing where validation is off.</summary>
internal readonly ref struct CallFrame
{
    private readonly DependencyNode? _node;

    private CallFrame(DependencyNode node)
    {
        _node = node;
    }

    public static CallFrame Enter(Notifier notifier, CallKind kind, bool isBlockable = true) =>
        MisuseValidation.IsEnabled ? Push(notifier, kind, isBlockable) : default;

    public void Dispose()
    {
        if (MisuseValidation.IsEnabled)
            HeldStack.Current.Pop(_node!);
    }

    private static CallFrame Push(Notifier notifier, CallKind kind, bool isBlockable)
    {
        DependencyNode node = notifier.Space!.Dependencies!.NodeOf(kind, isBlockable);
        HeldStack.Current.Push(new HeldEntry { Node = node, Called = notifier, Kind = kind });
        return new CallFrame(node);
    }
}
