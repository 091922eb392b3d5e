using MmuNotifier.Exploration.Running;

namespace MmuNotifier.Exploration.Strategies;

/// <summary>
/// Random choices. All of a schedule follows from its seed: every other schedule gives the threads priorities and changes them at a few
/// points (few preemptions, as most bugs need), the rest switch at random with a frequency of their own.
/// </summary>
internal sealed class RandomStrategy : IStrategy
{
    private Randomness _random;

    /// <summary>By thread number, the highest runs; null: no priorities.</summary>
    private readonly List<int>? _priorities;

    /// <summary>Numbers of choices at which the running thread becomes the lowest.</summary>
    private readonly int[] _changePoints = [];

    private readonly int _switchOneIn;
    private readonly int _staleOneIn;
    private int _staleReadsLeft;
    private int _choices;
    private int _lowest;

    public RandomStrategy(ulong seed)
    {
        _random = new Randomness(seed);
        _random.Next();
        if (_random.OneIn(2))
        {
            _priorities = [];
            int length = 8 << _random.Below(6);
            _changePoints = new int[1 + _random.Below(4)];
            for (int index = 0; index < _changePoints.Length; index++)
                _changePoints[index] = _random.Below(length);
        }

        _switchOneIn = 2 << _random.Below(4);
        _staleOneIn = 2 << _random.Below(3);
        _staleReadsLeft = _random.OneIn(3) ? 0 : 1 << _random.Below(5);
    }

    public int ChooseThread(ReadOnlySpan<ControlledThread> candidates, bool canContinue)
    {
        if (_priorities is not null)
            return ChooseHighest(candidates);
        if (!canContinue)
            return _random.Below(candidates.Length);
        return _random.OneIn(_switchOneIn) ? 1 + _random.Below(candidates.Length - 1) : 0;
    }

    public int ChooseMessage(int count)
    {
        if (_staleReadsLeft == 0 || !_random.OneIn(_staleOneIn))
            return 0;
        _staleReadsLeft--;
        return 1 + _random.Below(count - 1);
    }

    private int ChooseHighest(ReadOnlySpan<ControlledThread> candidates)
    {
        if (Array.IndexOf(_changePoints, _choices++) >= 0)
            SetPriority(candidates[0].Number, --_lowest);
        int highest = 0;
        for (int index = 1; index < candidates.Length; index++)
        {
            if (GetPriority(candidates[index].Number) > GetPriority(candidates[highest].Number))
                highest = index;
        }

        return highest;
    }

    private int GetPriority(int thread)
    {
        while (_priorities!.Count <= thread)
            _priorities.Add(1 + _random.Below(1_000_000));
        return _priorities[thread];
    }

    private void SetPriority(int thread, int priority)
    {
        GetPriority(thread);
        _priorities![thread] = priority;
    }
}
