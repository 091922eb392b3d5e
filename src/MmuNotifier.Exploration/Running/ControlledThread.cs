using System.Runtime.CompilerServices;
using MmuNotifier.Exploration.Model;

namespace MmuNotifier.Exploration.Running;

/// <summary>
/// One thread of an execution: of the scenario, of the engine's own, or (<see cref="IsHost"/>) the one that sets up and checks.
/// </summary>
internal sealed class ControlledThread(Execution execution, int number, string name, Action body)
{
    /// <summary>How many primitive calls an abandoned thread may make; code that catches every exception may run forever.</summary>
    private const int CallsOfAbandoned = 1_000;

    [ThreadStatic]
    private static ControlledThread? t_current;

    private int _callsSinceAbandoned;

    public static ControlledThread? Current
    {
        get => t_current;
        set => t_current = value;
    }

    public Execution Execution { get; } = execution;

    public int Number { get; } = number;

    public string Name { get; } = name;

    /// <summary>Started by the engine: may still wait when the threads of the scenario have ended.</summary>
    public bool IsBackground { get; init; }

    public bool IsHost { get; init; }

    /// <summary>Set while a condition is evaluated: accesses are no scheduling points then.</summary>
    public bool IsEvaluating { get; set; }

    /// <summary>Set while it gives way only when it must.</summary>
    public bool IsUninterrupted { get; set; }

    /// <summary>Set by an interrupt, until a wait throws for it.</summary>
    public bool IsInterrupted { get; set; }

    /// <summary>Set when an interrupt ends the wait that the thread is in.</summary>
    public bool IsWokenByInterrupt { get; set; }

    public bool IsDirect => IsHost || IsEvaluating;

    public ThreadViews Views { get; } = new();

    public ThreadState State { get; set; }

    /// <summary>The lock that it wants, or whose pulse it waits for.</summary>
    public ModelledLock? Lock { get; set; }

    /// <summary>How often it held the lock before it waited.</summary>
    public int DepthBeforeWait { get; set; }

    public bool IsTimed { get; set; }

    public bool HasTimedOut { get; set; }

    /// <summary>Times it was let time out although the scenario's threads have ended.</summary>
    public int FinalTimeouts { get; set; }

    public Func<bool>? Condition { get; set; }

    /// <summary>Scheduling points since another thread ran.</summary>
    public int StepsInARow { get; set; }

    public Worker? Worker { get; set; }

    /// <summary>A thread of the engine's own, controlled if the calling one is.</summary>
    public static void StartBackground(Action body, string name)
    {
        if (t_current is { } thread)
            thread.Execution.StartBackground(thread, body, name);
        else
            new Thread(() => body()) { IsBackground = true, Name = name }.UnsafeStart();
    }

    public void Run()
    {
        t_current = this;
        try
        {
            if (!Execution.IsAbandoned)
                Call(body);
        }
        catch (ExecutionAbandonedException)
        {
        }
        catch (Exception exception)
        {
            Execution.NoteFailure($"{Name} threw {exception}");
        }
        finally
        {
            t_current = null;
        }

        Execution.Finish(this);
    }

    /// <summary>Apart, so that the JIT does not inline a body that is called often: traces would not name it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Call(Action body) => body();

    /// <summary>
    /// Ends the thread's part in an abandoned execution: by an exception, and if that is caught again and again, by leaving it where it is.
    /// </summary>
    public void Unwind()
    {
        if (++_callsSinceAbandoned > CallsOfAbandoned)
        {
            Worker!.IsLost = true;
            Execution.Finish(this);
            Thread.Sleep(Timeout.Infinite);
        }

        throw new ExecutionAbandonedException();
    }
}
