using System.Diagnostics.CodeAnalysis;

namespace MmuNotifier;

/// <summary>
/// The calls that one thread is in and the locks that it holds, outermost first, and the checks on them. Only its own thread uses it.
/// Allocates nothing once every dependency has been seen.
/// </summary>
internal sealed class HeldStack
{
    [ThreadStatic]
    private static HeldStack? t_current;

    private HeldEntry[] _entries = new HeldEntry[8];
    private int _count;

    public static HeldStack Current => t_current ??= new HeldStack();

    /// <summary>Called before a call that waits or starts an invalidation; throws if that call is misuse.</summary>
    public void RequireMayCall(AddressSpace space, WaitingCall call)
    {
        if (_count == 0)
            return;
        if (call.Waits())
            RequireNotInside(space, call);
        DependencyNode target = call.TargetIn(space.Dependencies!);
        for (int i = 0; i < _count; i++)
        {
            ref readonly HeldEntry held = ref _entries[i];
            if (ReferenceEquals(held.Node, target))
                continue; // A start inside a callback of the same space.
            if (held.Kind == CallKind.Find && call.IsAwaitable())
                continue; // There can be no await inside a find: what it yields cannot leave the stack.
            if (held.Node.Find(target) is not { } known)
                Note(held, target, $"calls {call}, which {call.Effect()} {space.Dependencies}, at {CallSite.OfCaller()}", call);
            else if (known.Conflict is { } conflict)
                ThrowCircle(known.Sentence, conflict, call);
        }
    }

    /// <summary>Before a declared lock is waited for; throws if that is misuse.</summary>
    public void RequireMayTake(DependencyNode node, string name, string file, int line, string member)
    {
        int inside = FindLast(node);
        for (int i = 0; i < _count; i++)
        {
            ref readonly HeldEntry held = ref _entries[i];
            if (ReferenceEquals(held.Node, node) || (inside >= 0 && (held.IsLock || i < inside)))
                continue; // The thread holds this lock already, and does not wait for it. Other calls inside that hold are noted.
            if (held.Node.Find(node) is null)
                Note(held, node, $"takes driver lock '{name}' at {CallSite.Of(file, line, member)}", call: null);
        }
    }

    public void Push(in HeldEntry entry)
    {
        if (_count == _entries.Length)
            Array.Resize(ref _entries, 2 * _count);
        _entries[_count++] = entry;
    }

    /// <summary>Removes the last entry of a node; locks may be released in any order.</summary>
    public void Pop(DependencyNode node)
    {
        int index = FindLast(node);
        if (index < 0)
            return;
        _count--;
        Array.Copy(_entries, index + 1, _entries, index, _count - index);
        _entries[_count] = default;
    }

    /// <summary>The thread holds what it found: Synchronize waits for that.</summary>
    public void PushFind(IntervalNotifier found) =>
        Push(new HeldEntry { Node = found.Space!.Dependencies!.Finds, Called = found, Kind = CallKind.Find });

    public void PopFind(IntervalNotifier found) => Pop(found.Space!.Dependencies!.Finds);

    private int FindLast(DependencyNode node)
    {
        for (int i = _count - 1; i >= 0; i--)
        {
            if (ReferenceEquals(_entries[i].Node, node))
                return i;
        }

        return -1;
    }

    [DoesNotReturn]
    public static void ThrowOwnScope(AddressRange range) => MisuseException.Throw(
        $"ReadBegin is called between start and end of the invalidation of {range}, on the thread that started it, at "
            + $"{CallSite.OfCaller()}. "
        + "It waits for that end, so the thread could wait for itself for ever. End the invalidation first, pass its origin, pass "
        + "a cancellation token, or call ReadBeginNoWait: see docs/misuse.md.");

    private void RequireNotInside(AddressSpace space, WaitingCall call)
    {
        for (int i = _count - 1; i >= 0; i--)
        {
            ref readonly HeldEntry held = ref _entries[i];
            if (held.Called is { } notifier && ReferenceEquals(notifier.Space, space) && call.WaitsFor(held.Kind))
                MisuseException.Throw(
                    $"{call} is called from inside {held.Call}, at {CallSite.OfCaller()}. It {call.Effect()} the same address space, so "
                    + $"the two could wait for each other for ever. {call.Instead()}, or wait when the call has returned: see "
                        + "docs/misuse.md.");
        }
    }

    private static void Note(in HeldEntry held, DependencyNode target, string action, WaitingCall? call)
    {
        string sentence = held.IsLock ? $"a thread that holds {held.LockAndSite}, {action}" : $"{held.Call} {action}";
        if (DependencyGraph.Add(held.Node, target, sentence) is { } rest)
            ThrowCircle(sentence, rest, call);
    }

    [DoesNotReturn]
    private static void ThrowCircle(string sentence, string[] rest, WaitingCall? call)
    {
        string advice = call is null
            ? "Do not wait or start invalidations while you hold a lock that a callback takes, and always take locks in the same order"
            : $"{call.Value.Instead()}, or call {call} while you hold no lock that a callback takes";
        MisuseException.Throw(
            $"{call?.ToString() ?? "Taking the lock"} could wait for ever, now or in another run, because each of these waits for the "
                + "next:\n"
            + $"  now: {sentence};\n"
            + string.Concat(rest.Select(seen => $"  seen: {seen};\n"))
            + $"{advice}: see docs/misuse.md.");
    }
}
