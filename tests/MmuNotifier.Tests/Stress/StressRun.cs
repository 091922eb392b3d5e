namespace MmuNotifier.Tests.Stress;

/// <summary>
/// One run: a fresh address space, several threads, each with operations drawn from its own seed. The interleaving is the operating
/// system's, stirred by pauses that are drawn as well.
/// </summary>
internal sealed partial class StressRun
{

    /// <summary>How many starts and open scopes this thread is inside of; what waits is for 0 only.</summary>
    [ThreadStatic]
    private static int t_depth;

    private readonly int _seed;
    private readonly int _operations;
    private readonly AddressSpace _space = new();
    private readonly StressDevice[] _devices;
    private readonly object _owner = new();
    private readonly string[] _lastOperations;
    private readonly bool _exitsEarly;
    private int _pendingEnds;
    private int _operationsDone;

    internal StressRun(int seed, int threads, int operations)
    {
        _seed = seed;
        _operations = operations;
        _exitsEarly = seed % 5 == 0;
        _lastOperations = new string[threads];
        _devices = [new StressDevice(Model), new StressDevice(Model)];
        _space.CallbackFailed += (_, _) => Interlocked.Increment(ref _callbackFailures);
    }

    internal StressModel Model { get; } = new();

    /// <returns>The violations found, empty if the contract was kept.</returns>
    internal IReadOnlyCollection<string> Execute()
    {
        Thread[] threads =
            [.. Enumerable.Range(0, _lastOperations.Length).Select(index => new Thread(() => Work(index)) { IsBackground = true })];
        foreach (Thread thread in threads)
            thread.Start();
        if (!Array.TrueForAll(threads, Join))
            return Model.Violations;
        StressRandom.Seed(_seed, -1);
        AwaitPendingEnds();
        CheckQuiet();
        Exit();
        AwaitPendingEnds(); // The callbacks of the exit have started invalidations, too.
        CheckRemoval();
        return Model.Violations;
    }

    private void AwaitPendingEnds()
    {
        if (!SpinWait.SpinUntil(() => Volatile.Read(ref _pendingEnds) == 0, Patience.Limit))
            Model.Fail("an end on another thread did not come");
    }

    /// <summary>Watches that somebody makes progress, so that a hang fails the run and not the test process.</summary>
    private bool Join(Thread thread)
    {
        int done;
        do
        {
            done = Volatile.Read(ref _operationsDone);
            if (thread.Join(Patience.Limit))
                return true;
        }
        while (done != Volatile.Read(ref _operationsDone));
        Model.Fail($"no progress after {done} operations; the last of each thread: {string.Join(", ", _lastOperations)}");
        return false;
    }

    private void Work(int index)
    {
        StressRandom.Seed(_seed, index);
        t_depth = 0;
        try
        {
            for (int i = 0; i < _operations && Model.Violations.IsEmpty; i++)
            {
                Action operation = DrawOperation();
                _lastOperations[index] = operation.Method.Name;
                operation();
                Interlocked.Increment(ref _operationsDone);
            }
        }
        catch (Exception exception)
        {
            Model.Fail($"unexpected: {exception}");
        }
    }

    private Action DrawOperation() => StressRandom.Current.Next(100) switch
    {
        < 35 => Invalidate,
        < 55 => Read,
        < 60 => ReadAndMigrate,
        < 70 => Access,
        < 80 => Insert,
        < 90 => EditAny,
        < 93 => FindAndEdit,
        < 96 => RemoveAndWait,
        < 98 => ComeOrGoWholeSpace,
        < 99 => Synchronize,
        _ => ExitEarly,
    };

    /// <summary>What may be done inside a callback or while an invalidation is open: everything that does not wait.</summary>
    internal void OperateInside()
    {
        if (t_depth > 2 || !StressRandom.Chance(10))
            return;
        Action operation = StressRandom.Current.Next(6) switch
        {
            0 => Invalidate,
            1 => Read,
            2 => Insert,
            3 => EditAny,
            4 => FindAndEdit,
            _ => Access,
        };
        operation();
    }

    private static AddressRange AnyRange()
    {
        ulong start = (ulong)StressRandom.Current.Next(StressModel.Pages);
        ulong length = (ulong)StressRandom.Current.Next(1, StressRandom.Current.Next(4) == 0 ? StressModel.Pages : 8);
        return new AddressRange(start, Math.Min(start + length, StressModel.Pages) - 1);
    }

    private StressDevice AnyDevice() => _devices[StressRandom.Current.Next(_devices.Length)];

    private void Access() => AnyDevice().Access(StressRandom.Current.Next(StressModel.Pages));
}
