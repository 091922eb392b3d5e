using MmuNotifier.Processes.Mirroring;
using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Mirroring;

/// <summary>
/// What the live view of <c>mmun mirror</c> shows: the looks at each program, added up. No clock and no process: a test makes the looks.
/// </summary>
internal sealed class MirrorModel(RoundCost cost)
{
    /// <summary>For so many updates with looks at others only, a program is still shown: it has most likely ended.</summary>
    internal const int MaxMissed = 2;

    private const int MaxHistory = 256;

    private readonly Dictionary<int, MirroredProgram> _programs = [];

    /// <summary>The first program, which the others descend from; null before the first look.</summary>
    internal MirroredProgram? First { get; private set; }

    /// <summary>Those that are mirrored now, the most active one first.</summary>
    internal IEnumerable<MirroredProgram> Programs =>
        _programs.Values.OrderByDescending(program => program.Activity).ThenBy(program => program.Number);

    internal int Count => _programs.Count;

    /// <summary>As of the last update; null before.</summary>
    internal MirrorProgress? Progress { get; private set; }

    internal double WrittenPagesPerSecond => _programs.Values.Sum(program => program.Top.WrittenPagesPerSecond);

    internal double EventsPerSecond => _programs.Values.Sum(program => program.Top.EventsPerSecond);

    internal int Mappings => _programs.Values.Sum(program => program.Top.Mappings);

    /// <summary>The most that rounds cost one of the programs: the estimated share of its time.</summary>
    internal double CostShare => _programs.Values.Select(program => program.Top.CostShare).DefaultIfEmpty().Max();

    /// <summary>Pages written each second by all of them, at each of the last updates with looks.</summary>
    internal List<double> History { get; } = [];

    internal void Add(IReadOnlyList<MirroredLook> looks, MirrorProgress progress)
    {
        Progress = progress;
        if (looks.Count == 0)
            return;
        foreach (MirroredProgram program in _programs.Values)
            program.Missed++;
        foreach (MirroredLook look in looks)
        {
            if (!_programs.TryGetValue(look.ProgramNumber, out MirroredProgram? program))
                _programs.Add(look.ProgramNumber, program = new MirroredProgram(look, progress.Elapsed, cost));
            else
                program.Add(look, progress.Elapsed);
            First ??= program;
        }

        foreach (MirroredProgram program in _programs.Values.Where(program => program.Missed > MaxMissed).ToList())
            _programs.Remove(program.Number);
        History.Add(WrittenPagesPerSecond);
        if (History.Count > MaxHistory)
            History.RemoveAt(0);
    }
}
