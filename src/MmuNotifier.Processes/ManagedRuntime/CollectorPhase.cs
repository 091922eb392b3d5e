namespace MmuNotifier.Processes;

/// <summary>What the collector of a .NET process does in the background. The numbers are the runtime's own (c_gc_state).</summary>
internal enum CollectorPhase
{
    /// <summary>It marks; objects that are found dead may still be in the heap.</summary>
    Marking = 0,

    /// <summary>It plans or sweeps: the runtime's own heap check finds fault with memory that is about to be free.</summary>
    PlanningOrSweeping = 1,

    /// <summary>No collection in the background.</summary>
    None = 2,
}
