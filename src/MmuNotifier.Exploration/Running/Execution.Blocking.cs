using MmuNotifier.Exploration.Model;

namespace MmuNotifier.Exploration.Running;

/// <summary>Locks and waits. A thread that is blocked is not chosen; nothing here blocks the OS thread but handing over.</summary>
/// <remarks>
/// Taking a lock is a scheduling point, letting it go is none: until the next point of the thread nobody could do anything with the free
/// lock that it cannot do then. Timeouts are taken to be long: a wait ends without a pulse only when nothing else can run.
/// </remarks>
internal sealed partial class Execution
{
    public void Acquire(ControlledThread thread, ModelledLock wanted)
    {
        Meet(wanted);
        if (thread.IsEvaluating)
            throw new InvalidOperationException("A condition that a thread waits for must not take locks.");
        if (wanted.Owner == thread)
        {
            Deepen(thread, wanted);
            return;
        }

        if (!thread.IsHost)
        {
            // Wanting it before the choice: while it is taken, the thread is not chosen to continue.
            thread.Lock = wanted;
            thread.State = ThreadState.Acquiring;
            Step(thread);
            if (wanted.Owner is not null) // alone: Step does not look at it
                GoOnWith(ChooseNext(thread), thread);
            thread.State = ThreadState.Ready;
        }
        else if (wanted.Owner is not null)
        {
            throw new InvalidOperationException($"The lock is still held by {wanted.Owner.Name}.");
        }

        Take(thread, wanted, depth: 1);
        _trace?.Add(thread, $"lock L{wanted.Number}");
    }

    /// <returns>False: another thread has it.</returns>
    public bool TryAcquire(ControlledThread thread, ModelledLock wanted)
    {
        Meet(wanted);
        if (wanted.Owner == thread)
        {
            Deepen(thread, wanted);
            return true;
        }

        if (!thread.IsHost)
            Step(thread);
        if (wanted.Owner is { } owner)
        {
            _trace?.Add(thread, $"lock L{wanted.Number} not taken: {owner.Name} has it");
            return false;
        }

        Take(thread, wanted, depth: 1);
        _trace?.Add(thread, $"lock L{wanted.Number}");
        return true;
    }

    public void Release(ControlledThread thread, ModelledLock held)
    {
        // Never throws: it runs while threads unwind.
        if (held.Owner != thread || --held.Depth > 0)
            return;
        held.Owner = null;
        held.Released.CopyFrom(thread.Views.Current);
        if (!IsAbandoned)
            _trace?.Add(thread, $"unlock L{held.Number}");
    }

    /// <returns>False: nobody pulsed, and there was nothing else to run.</returns>
    public bool Wait(ControlledThread thread, ModelledLock held, bool isTimed)
    {
        if (IsAbandoned)
            thread.Unwind();
        if (held.Owner != thread)
            Fail("A wait without the monitor.");
        if (thread.IsHost)
        {
            if (isTimed)
                return false;
            throw new InvalidOperationException("The setup or the check would wait for ever.");
        }

        if (thread.IsInterrupted)
            ThrowInterrupted(thread);

        _trace?.Add(thread, $"wait{(isTimed ? " (timed)" : "")} L{held.Number}");
        thread.DepthBeforeWait = held.Depth;
        thread.Lock = held;
        thread.IsTimed = isTimed;
        thread.HasTimedOut = false;
        thread.State = ThreadState.Waiting;
        held.Waiters.Add(thread);
        held.Owner = null;
        held.Released.CopyFrom(thread.Views.Current);

        GoOnWith(ChooseNext(thread), thread);

        thread.State = ThreadState.Ready;
        Take(thread, held, thread.DepthBeforeWait);
        if (thread.IsWokenByInterrupt)
            ThrowInterrupted(thread);
        _trace?.Add(thread, $"{(thread.HasTimedOut ? "timed out" : "pulsed")}, lock L{held.Number}");
        return !thread.HasTimedOut;
    }

    /// <summary>
    /// Interrupts another thread: its wait ends by an exception, or its next one does. One that was pulsed already has had its wait.
    /// </summary>
    public void Interrupt(ControlledThread thread, ControlledThread other)
    {
        Step(thread);
        _trace?.Add(thread, $"interrupt {other.Name}");
        other.IsInterrupted = true;
        if (other.State != ThreadState.Waiting)
            return;
        other.IsWokenByInterrupt = true;
        other.Lock!.Waiters.Remove(other);
        other.State = ThreadState.Acquiring;
    }

    private void ThrowInterrupted(ControlledThread thread)
    {
        thread.IsInterrupted = false;
        thread.IsWokenByInterrupt = false;
        _trace?.Add(thread, "interrupted");
        throw new ThreadInterruptedException();
    }

    public void Pulse(ControlledThread thread, ModelledLock held)
    {
        if (IsAbandoned)
            thread.Unwind();
        Meet(held);
        if (held.Owner != thread)
            Fail("A pulse without the monitor.");
        _trace?.Add(thread, $"pulse L{held.Number}: {(held.Waiters.Count == 0 ? "nobody" : held.Waiters[0].Name)}");
        if (held.Waiters.Count == 0)
            return;
        held.Waiters[0].State = ThreadState.Acquiring;
        held.Waiters.RemoveAt(0);
    }

    private void Meet(ModelledLock met)
    {
        if (!met.BelongsTo(Number))
            met.StartAnew(Number, _locks++);
    }

    private void Deepen(ControlledThread thread, ModelledLock held)
    {
        if (IsAbandoned)
            thread.Unwind();
        held.Depth++;
    }

    private static void Take(ControlledThread thread, ModelledLock free, int depth)
    {
        free.Owner = thread;
        free.Depth = depth;
        thread.Views.Acquire(free.Released);
    }
}
