using MmuNotifier.Exploration.Running;

namespace MmuNotifier.Exploration.Strategies;

/// <summary>
/// Every choice within the bounds, depth first: each execution repeats the branches taken before up to the last one that has another
/// possibility, and takes that.
/// </summary>
internal sealed class ExhaustiveStrategy(int maxPreemptions, int maxStaleReads) : IStrategy
{
    private readonly List<Branch> _branches = [];
    private int _position;
    private int _preemptions;
    private int _staleReads;

    private enum Cost
    {
        None,
        Preemption,
        StaleRead,
    }

    /// <summary>Whether an execution offered other possibilities than the one before at the same place.</summary>
    public bool HasDiverged { get; private set; }

    public int ChooseThread(ReadOnlySpan<ControlledThread> candidates, bool canContinue)
    {
        if (!canContinue)
            return Choose(candidates.Length, Cost.None);
        return _preemptions == maxPreemptions ? 0 : Choose(candidates.Length, Cost.Preemption);
    }

    public int ChooseMessage(int count) => _staleReads == maxStaleReads ? 0 : Choose(count, Cost.StaleRead);

    /// <summary>Makes ready for the next schedule. False if there is none.</summary>
    public bool MoveNext()
    {
        HasDiverged |= _position < _branches.Count;
        _position = 0;
        _preemptions = 0;
        _staleReads = 0;
        while (_branches.Count > 0)
        {
            Branch last = _branches[^1];
            if (last.Chosen + 1 < last.Count)
            {
                _branches[^1] = last with { Chosen = last.Chosen + 1 };
                return true;
            }

            _branches.RemoveAt(_branches.Count - 1);
        }

        return false;
    }

    private int Choose(int count, Cost cost)
    {
        int chosen = 0;
        if (_position == _branches.Count)
        {
            _branches.Add(new Branch(chosen, count, cost));
        }
        else
        {
            Branch branch = _branches[_position];
            chosen = branch.Chosen;
            if (branch.Count != count || branch.Cost != cost)
            {
                HasDiverged = true;
                chosen = Math.Min(chosen, count - 1);
            }
        }

        _position++;
        if (chosen > 0 && cost == Cost.Preemption)
            _preemptions++;
        if (chosen > 0 && cost == Cost.StaleRead)
            _staleReads++;
        return chosen;
    }

    private readonly record struct Branch(int Chosen, int Count, Cost Cost);
}
