namespace MmuNotifier.Processes.Mirroring;

/// <summary>What was done to the notifiers of a mirror. Written under the device's lock.</summary>
internal sealed class NotifierCounters
{
    internal long Inserted;
    internal long Split;
    internal long Moved;
    internal long Removed;

    /// <summary>How many of the insertions, splits, moves and removals were made inside a callback.</summary>
    internal long InsideCallbacks;

    /// <summary>Counts what a cut inside a callback did.</summary>
    internal void CountCut(CutResult result)
    {
        switch (result)
        {
            case CutResult.Removed:
                Removed++;
                break;
            case CutResult.KeptLeft or CutResult.KeptRight:
                Moved++;
                break;
            case CutResult.Split:
                Split++;
                break;
            default:
                return;
        }

        InsideCallbacks++;
    }

    /// <summary>Adds those of another mirror, as they are now.</summary>
    internal void Add(NotifierCounters other)
    {
        Inserted += other.Inserted;
        Split += other.Split;
        Moved += other.Moved;
        Removed += other.Removed;
        InsideCallbacks += other.InsideCallbacks;
    }
}
