using System.Diagnostics.CodeAnalysis;
using MmuNotifier.Exploration.Running;

namespace MmuNotifier.Exploration;

/// <summary>What the threads of a scenario may call besides the engine.</summary>
internal static class Explore
{
    /// <summary>A plain scheduling point: any other thread may run here.</summary>
    public static void Yield()
    {
        if (ControlledThread.Current is { IsDirect: false } thread)
            thread.Execution.Yield(thread);
    }

    /// <summary>Fails the schedule if the condition does not hold. It ends there even if somebody catches all exceptions.</summary>
    public static void Assert([DoesNotReturnIf(false)] bool condition, string message)
    {
        if (condition)
            return;
        if (ControlledThread.Current is { } thread)
            thread.Execution.Fail(message);
        throw new InvalidOperationException(message);
    }

    /// <summary>The calling thread, for <see cref="Interrupt"/>; null outside of the threads.</summary>
    public static ControlledThread? ThisThread => ControlledThread.Current;

    /// <summary>As <see cref="Thread.Interrupt"/>: the next wait of the thread, or the one that it is in, throws.</summary>
    public static void Interrupt(ControlledThread other)
    {
        if (ControlledThread.Current is { } thread)
            thread.Execution.Interrupt(thread, other);
    }

    /// <summary>
    /// Runs the action without letting others run, unless it blocks. For framework code that makes another thread spin while it calls back
    /// into the engine, such as cancelling a token whose registration is being disposed.
    /// </summary>
    public static void Uninterrupted(Action action)
    {
        ControlledThread? thread = ControlledThread.Current;
        thread?.IsUninterrupted = true;
        try
        {
            action();
        }
        finally
        {
            thread?.IsUninterrupted = false;
        }
    }

    /// <summary>
    /// Waits until the condition holds; it must only read. Afterwards the thread has seen what all threads have (nobody knows who made
    /// the condition true), so use it for what the primitives cannot express, such as the end of a task.
    /// </summary>
    public static void WaitUntil(Func<bool> condition)
    {
        if (ControlledThread.Current is { IsDirect: false } thread)
            thread.Execution.WaitUntil(thread, condition);
        else if (!condition())
            throw new InvalidOperationException("The setup or the check would wait for ever.");
    }
}
