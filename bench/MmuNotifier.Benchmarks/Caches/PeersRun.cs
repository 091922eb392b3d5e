namespace MmuNotifier.Benchmarks.Caches;

/// <summary>One run of the comparison: its sides, and the rows so far.</summary>
internal sealed class PeersRun : IDisposable
{
    internal const string OursByUcx = "ours / UCX";

    private readonly List<Row> _rows = [];
    private readonly UcxProgram? _ucxProgram;
    private readonly string? _ucxLack;

    internal PeersRun(PeersPlan plan)
    {
        Plan = plan;
        _ucxProgram = UcxProgram.Build(out _ucxLack);
        Ours = SideProcess.StartOurs(PeersSideCommand.Ours);
        Assuming = SideProcess.StartOurs(PeersSideCommand.Assuming);
        VerifyOnHit = SideProcess.StartOurs(PeersSideCommand.VerifyOnHit);
        Bare = SideProcess.StartOurs(PeersSideCommand.Bare);
        Floor = SideProcess.StartOurs(PeersSideCommand.Floor);
        if (_ucxProgram is not null)
        {
            Ucx = SideProcess.Start(_ucxProgram.Path);
            BareC = SideProcess.Start(_ucxProgram.Path, "bare");
        }
    }

    internal PeersPlan Plan { get; }

    internal IReadOnlyList<Row> Rows => _rows;

    internal SideProcess Ours { get; }

    /// <summary>Ours with the option that leaves out the system call of a hit.</summary>
    internal SideProcess Assuming { get; }

    internal SideProcess VerifyOnHit { get; }

    internal SideProcess Bare { get; }

    internal SideProcess Floor { get; }

    /// <summary>Null if UCX is not there.</summary>
    internal SideProcess? Ucx { get; }

    /// <summary>The program of <see cref="Ucx"/> without its cache.</summary>
    internal SideProcess? BareC { get; }

    /// <summary>What all sides have used so far.</summary>
    internal TimeSpan ProcessorTime => Sides.Aggregate(TimeSpan.Zero, (sum, side) => sum + side.ProcessorTime);

    private IEnumerable<SideProcess> Sides => new[] { Ours, Assuming, VerifyOnHit, Bare, Floor, Ucx, BareC }.OfType<SideProcess>();

    /// <summary>Adds a row of ours beside another's values of the same rounds.</summary>
    internal void Add(
        string name, long n, string unit, List<double> ours, List<double>? other, string against, Goal? goal = null, string? note = null)
    {
        PairedResult? pair = other is null ? null : PairedResult.Of(ours, other);
        double our = Spread.Of(ours).Median;
        Add(new Row
        {
            Name = name,
            N = n,
            Unit = unit,
            Ours = our,
            Baseline = pair?.Baseline,
            Against = against,
            Ratio = pair?.Ratio,
            RatioOf = against,
            Goal = goal,
            Reached = goal?.IsReachedBy(goal.Subject == "ratio" && pair is not null ? pair.Ratio.Median : our),
            Note = note,
        });
    }

    /// <summary>Adds a row beside UCX, or, where it is missing, one that says why.</summary>
    internal void AddBesideUcx(
        string name, long n, string unit, List<double> ours, List<double>? ucx, Goal? goal = null, string? note = null) =>
        Add(name, n, unit, ours, ucx, OursByUcx, goal, ucx is null ? $"not beside UCX: {_ucxLack}" : note);

    internal void Add(Row row)
    {
        _rows.Add(row);
        Console.WriteLine($"{row.Name}, N = {RowText.Count(row.N)}: {RowText.Ours(row)} against {RowText.Baseline(row)} {row.Unit}, "
            + $"{row.RatioOf} {RowText.Ratio(row)}");
    }

    public void Dispose()
    {
        foreach (SideProcess side in Sides)
            side.Dispose();
        _ucxProgram?.Dispose();
    }
}
