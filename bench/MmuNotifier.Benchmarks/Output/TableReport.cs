namespace MmuNotifier.Benchmarks;

/// <summary>A finished run.</summary>
/// <param name="Machine">The machine that it was measured on.</param>
/// <param name="OtherCores">Cores that others used meanwhile, on average.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Quick">Whether the rounds were too short to mean much.</param>
/// <param name="Rows">What was measured.</param>
internal sealed record TableReport(Machine Machine, double OtherCores, double Seconds, bool Quick, IReadOnlyList<Row> Rows)
{
    /// <summary>Above this, two threads of ours did not have two cores.</summary>
    private const double Disturbing = 0.1;

    internal string Heading =>
        $"{Machine.Cpu}, {Machine.Cores} cores, Linux {Machine.Kernel}, {Machine.Runtime}, commit {Machine.Commit}, "
        + FormattableString.Invariant($"{Machine.Date}; {Seconds:0} s")
        + (Quick ? "; quick: small rounds, the figures mean little" : "")
        + (OtherCores > Disturbing
            ? FormattableString.Invariant($"; DISTURBED: other processes used {OtherCores:0.0} cores, rows with threads mean little")
            : "");
}
