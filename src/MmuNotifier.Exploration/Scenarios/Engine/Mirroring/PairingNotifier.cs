namespace MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

/// <summary>Requires that starts and ends come in pairs.</summary>
internal class PairingNotifier : WholeSpaceNotifier
{
    /// <summary>Starts that were accepted and have had no end.</summary>
    public int Open { get; private set; }

    public int Starts { get; private set; }

    protected internal override bool InvalidateStart(in Invalidation invalidation)
    {
        Starts++;
        Open++;
        Explore.Yield();
        return true;
    }

    protected internal override void InvalidateEnd(in Invalidation invalidation)
    {
        Explore.Yield();
        Open--;
        Explore.Assert(Open >= 0, "an end without its start");
    }
}
