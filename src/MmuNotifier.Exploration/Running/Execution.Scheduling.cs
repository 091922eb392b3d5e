namespace MmuNotifier.Exploration.Running;

/// <summary>Who runs next.</summary>
internal sealed partial class Execution
{
    private ControlledThread[] _candidates = new ControlledThread[8];

    /// <summary>A scheduling point: before the next access of the thread, any other may run.</summary>
    public void Step(ControlledThread thread)
    {
        if (IsAbandoned)
            thread.Unwind();
        if (++_steps > _limits.MaxSteps)
            Fail($"Not finished after {_limits.MaxSteps} steps: a livelock?");
        thread.StepsInARow++;
        if (_threads.Count > 1 && !(thread.IsUninterrupted && IsRunnable(thread)))
            GoOnWith(ChooseNext(thread), thread);
    }

    /// <summary>A plain scheduling point, of <see cref="Explore.Yield"/>.</summary>
    public void Yield(ControlledThread thread)
    {
        Step(thread);
        _trace?.Add(thread, "yield");
    }

    /// <summary>Blocks the thread until the condition holds, which is evaluated between the steps of the others.</summary>
    public void WaitUntil(ControlledThread thread, Func<bool> condition)
    {
        thread.Condition = condition;
        thread.State = ThreadState.Watching;
        Step(thread);
        if (!IsRunnable(thread)) // alone: Step does not look at it
            GoOnWith(ChooseNext(thread), thread);
        thread.State = ThreadState.Ready;
        thread.Condition = null;

        // Nobody knows who made it true: the thread then has seen what all have.
        foreach (ControlledThread other in _threads)
            thread.Views.Acquire(other.Views.Current);
        _trace?.Add(thread, "wait until");
    }

    public void StartBackground(ControlledThread starter, Action body, string name)
    {
        if (_haveThreadsEnded)
            throw new InvalidOperationException($"The check starts a thread ({name}); only the setup and the threads may.");
        if (IsAbandoned)
            return;
        Add(name, body, isBackground: true, starter.Views.Current);
        if (!starter.IsHost)
            _trace?.Add(starter, $"start {name}");
    }

    /// <summary>The end of the thread, whichever way: another thread continues, or the execution ends.</summary>
    public void Finish(ControlledThread thread)
    {
        thread.State = ThreadState.Finished;
        if (!thread.IsBackground)
            _unfinishedInScenario--;
        ControlledThread? next = null;
        if (!IsAbandoned)
        {
            _trace?.AddNote(thread, "(ends)");
            try
            {
                next = ChooseNext(thread);
            }
            catch (ExecutionAbandonedException)
            {
            }
        }

        if (next is null)
            _ended.Pass();
        else
            next.Worker!.Baton.Pass();
    }

    private void GoOnWith(ControlledThread? next, ControlledThread current)
    {
        if (next == current)
            return;
        current.StepsInARow = 0;
        if (next is null)
            _ended.Pass(); // Only background threads are left, and they wait for ever; the host unwinds them.
        else
            next.Worker!.Baton.Pass();
        current.Worker!.Baton.Await();
        if (IsAbandoned)
            current.Unwind();
    }

    /// <summary>
    /// Chooses the thread that proceeds. The first candidate is the current thread, if it can; then the others, from the one after it on.
    /// Null: the end.
    /// </summary>
    private ControlledThread? ChooseNext(ControlledThread? current)
    {
        while (true)
        {
            int count = Gather(current, out bool canContinue);
            if (count == 1)
                return _candidates[0];
            if (count > 1)
            {
                int choice = _strategy.ChooseThread(_candidates.AsSpan(0, count), canContinue);
                Choices.Add(choice);
                return _candidates[choice];
            }

            if (TimeOutOne(final: _unfinishedInScenario == 0))
                continue;
            if (_unfinishedInScenario == 0 && !_threads.Exists(thread => thread.State == ThreadState.Acquiring))
                return null;
            Fail(DescribeDeadlock());
        }
    }

    private int Gather(ControlledThread? current, out bool canContinue)
    {
        if (_candidates.Length < _threads.Count)
            _candidates = new ControlledThread[_threads.Count * 2];
        int count = 0;
        canContinue = current is not null && IsRunnable(current);
        if (canContinue)
            _candidates[count++] = current!;
        int start = current is null ? 0 : current.Number + 1;
        for (int index = 0; index < _threads.Count; index++)
        {
            ControlledThread thread = _threads[(start + index) % _threads.Count];
            if (thread != current && IsRunnable(thread))
                _candidates[count++] = thread;
        }

        // A thread that spins must let the others run, or no schedule without preemptions would end.
        if (canContinue && count > 1 && current!.StepsInARow >= _limits.MaxStepsInARow)
        {
            canContinue = false;
            _candidates.AsSpan(1, count - 1).CopyTo(_candidates);
            count--;
        }

        return count;
    }

    private static bool IsRunnable(ControlledThread thread)
    {
        switch (thread.State)
        {
            case ThreadState.Ready:
                return true;
            case ThreadState.Acquiring:
                return thread.Lock!.Owner is null;
            case ThreadState.Watching:
                return Holds(thread);
            default:
                return false;
        }
    }

    /// <summary>Evaluates the condition on whichever thread looks, without scheduling points.</summary>
    private static bool Holds(ControlledThread watching)
    {
        ControlledThread? looking = ControlledThread.Current;
        ControlledThread.Current = watching;
        watching.IsEvaluating = true;
        try
        {
            return watching.Condition!();
        }
        finally
        {
            watching.IsEvaluating = false;
            ControlledThread.Current = looking;
        }
    }

    /// <summary>Nothing else can run: one of those that wait with a timeout continues without a pulse.</summary>
    private bool TimeOutOne(bool final)
    {
        int count = 0;
        foreach (ControlledThread thread in _threads)
        {
            if (thread.State == ThreadState.Waiting && thread.IsTimed && !(final && thread.FinalTimeouts >= _limits.MaxFinalTimeouts))
                _candidates[count++] = thread;
        }

        if (count == 0)
            return false;
        int choice = 0;
        if (count > 1)
        {
            choice = _strategy.ChooseThread(_candidates.AsSpan(0, count), canContinue: false);
            Choices.Add(choice);
        }

        ControlledThread chosen = _candidates[choice];
        if (final)
            chosen.FinalTimeouts++;
        if (++_steps > _limits.MaxSteps)
            Fail($"Not finished after {_limits.MaxSteps} steps: only timeouts go on.");
        chosen.HasTimedOut = true;
        chosen.Lock!.Waiters.Remove(chosen);
        chosen.State = ThreadState.Acquiring;
        return true;
    }

    private string DescribeDeadlock()
    {
        IEnumerable<string> blocked = _threads.Where(thread => thread.State != ThreadState.Finished).Select(thread => thread.State switch
        {
            ThreadState.Acquiring => $"{thread.Name} wants a lock that {thread.Lock!.Owner?.Name ?? "nobody"} holds",
            ThreadState.Waiting => $"{thread.Name} waits for a pulse",
            _ => $"{thread.Name} waits for a condition",
        });
        return "Deadlock: " + string.Join("; ", blocked) + ".";
    }
}
