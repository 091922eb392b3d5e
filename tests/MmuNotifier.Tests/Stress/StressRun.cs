namespace MmuNotifier.Tests.Stress;

/// <summary>
/// One run: a fresh address space, several threads, each with operations drawn from its own seed. The interleaving is the operating
/// system's, stirred by pauses that are drawn as well.
/// </summary>
internal sealed partial class StressRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [ThreadStatic]
    private static Random? t_random;

    [ThreadStatic]
    private static int t_depth;

    private readonly int _seed;
    private readonly int _threads;
    private readonly int _operations;
    private readonly AddressSpace _space = new();
    private readonly StressDevice[] _devices;
    private readonly StressNotifier[] _stable;
    private readonly object _owner = new();
    private int _pendingEnds;

    internal StressRun(int seed, int threads, int operations)
    {
        _seed = seed;
        _threads = threads;
        _operations = operations;
        t_random = new Random(seed);
        _devices = [new StressDevice(Model), new StressDevice(Model)];
        _stable = [MakeStable(new AddressRange(0, 15)), MakeStable(new AddressRange(10, 40)), MakeStable(new AddressRange(63, 63))];
    }

    internal StressModel Model { get; } = new();

    /// <summary>How deep invalidations are nested on this thread.</summary>
    internal static int Depth => t_depth;

    private static Random Random => t_random ??= new Random(Environment.CurrentManagedThreadId);

    /// <returns>The violations found, empty if the contract was kept.</returns>
    internal IReadOnlyCollection<string> Execute()
    {
        Thread[] threads = [.. Enumerable.Range(0, _threads).Select(index => new Thread(() => Work(index)) { IsBackground = true })];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
        {
            if (!thread.Join(Patience))
            {
                Model.Fail("a thread makes no progress");
                return Model.Violations;
            }
        }

        if (!SpinWait.SpinUntil(() => Volatile.Read(ref _pendingEnds) == 0, Patience))
            Model.Fail("an end on another thread did not come");
        CheckQuiet();
        CheckExit();
        return Model.Violations;
    }

    internal static bool Chance(int percent) => Random.Next(100) < percent;

    internal static void Pause()
    {
        if (Chance(30))
            Thread.SpinWait(Random.Next(200));
        else if (Chance(3))
            Thread.Yield();
    }

    private StressNotifier MakeStable(AddressRange range)
    {
        var notifier = new StressNotifier(this, _devices[0], isStable: true);
        _space.Insert(notifier, range);
        Model.Inserted.Add(notifier);
        return notifier;
    }

    private void Work(int index)
    {
        t_random = new Random((_seed * 31) + index);
        t_depth = 0;
        try
        {
            for (int i = 0; i < _operations && Model.Violations.IsEmpty; i++)
                Operate();
        }
        catch (Exception exception)
        {
            Model.Fail($"unexpected: {exception}");
        }
    }

    private static AddressRange AnyRange()
    {
        ulong start = (ulong)Random.Next(StressModel.Pages);
        ulong length = (ulong)Random.Next(1, Random.Next(4) == 0 ? StressModel.Pages : 8);
        return new AddressRange(start, Math.Min(start + length, StressModel.Pages) - 1);
    }

    private StressDevice AnyDevice() => _devices[Random.Next(_devices.Length)];

    private void CheckQuiet()
    {
        foreach (FoundNotifier found in _space.Find(AddressRange.Whole))
        {
            ReadSection section = found.Notifier.TryReadBegin();
            Model.Require(
                section.Status is ReadStatus.Open or ReadStatus.Failed, $"after all ended a section is {section.Status}");
            Model.Require(section.Status == ReadStatus.Failed || found.Notifier.Gate.IsOpen, "a gate was left raised");
            Model.Require(found.Notifier.HasNoCallbacks, "a hit was left linked");
        }

        for (int page = 0; page < StressModel.Pages; page++)
        {
            foreach (StressDevice device in _devices)
                device.Access(page);
        }
    }

    private void CheckExit()
    {
        StartRecord record = StartRecord.Begin();
        Model.Require(_space.Exit(), "the first exit says it is not");
        StartRecord.End();
        Model.Require(!_space.Exit(), "the second exit says it is the first");
        foreach (StressNotifier stable in _stable)
            Model.Require(record.Calls.Count(call => ReferenceEquals(call.Notifier, stable)) == 1, "a notifier saw not one Release");
        Model.Require(!_space.TryInsert(new StressNotifier(this, _devices[0], isStable: false), AnyRange()), "an insert after exit");
        foreach (FoundNotifier found in _space.Find(AddressRange.Whole))
            found.RemoveDeferred();
        foreach (StressWholeSpaceNotifier notifier in Model.WholeSpaceInserted)
            notifier.RemoveDeferred();
        if (!_space.SynchronizeAsync().Wait(Patience))
            Model.Fail("not everything was released");
        Model.Require(Model.Inserted.All(notifier => notifier.Releases == 1), "a notifier was not released once");
        Model.Require(Model.WholeSpaceInserted.All(notifier => notifier is { Releases: 1, Open: 0 }), "a whole-space notifier was not released once");
    }
}
