using MmuNotifier.Processes.Mirroring;
using MmuNotifier.Tool.Sampling;
using MmuNotifier.Tool.Top;

namespace MmuNotifier.Tool.Mirroring;

/// <summary>The looks at one program of a mirrored tree, added up.</summary>
internal sealed class MirroredProgram
{
    private readonly SampleBuilder _samples;
    private readonly TimeSpan _began;

    /// <param name="first">The first look at it.</param>
    /// <param name="elapsed">When that was, since the session began.</param>
    /// <param name="cost">For the estimate of what rounds cost it.</param>
    internal MirroredProgram(MirroredLook first, TimeSpan elapsed, RoundCost cost)
    {
        (Number, _began, _samples) = (first.ProgramNumber, elapsed, new SampleBuilder(cost));
        Top = new TopModel { ProcessId = first.ProcessId, Command = first.Command };
        Top.Add(_samples.Begin(first.Mappings, first.Resident));
    }

    internal int Number { get; }

    /// <summary>How many updates had looks at others and none at this.</summary>
    internal int Missed { get; set; }

    internal TopModel Top { get; }

    /// <summary>As in <see cref="TopRow.Activity"/>.</summary>
    internal double Activity => Top.Rows.Sum(row => row.Activity);

    internal void Add(MirroredLook look, TimeSpan elapsed)
    {
        Missed = 0;
        TimeSpan at = elapsed - _began;
        Top.Add(_samples.Add(
            at,
            look.Mappings,
            look.Resident,
            look.Written,
            [.. look.Changes.Select(change => MemoryEvent.Of(change, at))],
            look.ChangesLost,
            look.Changes.Count + look.ChangesLost));
    }
}
