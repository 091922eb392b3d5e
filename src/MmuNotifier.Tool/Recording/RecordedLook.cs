using MmuNotifier.Processes;
using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Recording;

/// <summary>One look, as a recording has it.</summary>
internal sealed class RecordedLook
{
    internal TimeSpan At { get; set; }

    internal TimeSpan Period { get; set; }

    /// <summary>What it has cost the process, estimated.</summary>
    internal TimeSpan Cost { get; set; }

    /// <summary>How long mmun has worked on it.</summary>
    internal TimeSpan Duration { get; set; }

    /// <summary>The numbers of mappings that are gone since the look before.</summary>
    internal List<int> Gone { get; } = [];

    /// <summary>Mappings that are new or have changed since the look before.</summary>
    internal List<(int Id, LiveMapping Mapping)> Changed { get; } = [];

    /// <summary>Mappings of which another number of pages is in memory than at the look before.</summary>
    internal List<(int Id, long Pages)> Resident { get; } = [];

    /// <summary>Pages that were written since the look before; in ascending order.</summary>
    internal List<AddressRange> Written { get; } = [];

    internal List<MemoryEvent> Events { get; } = [];

    internal long EventsLost { get; set; }

    /// <summary>The program that runs in the process from this look on; null if it is that of the look before.</summary>
    internal string? Command { get; set; }
}
