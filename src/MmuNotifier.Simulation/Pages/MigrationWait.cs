namespace MmuNotifier.Simulation;

/// <summary>Where CPU touches wait for the end of a migration, holding no other lock.</summary>
internal sealed class MigrationWait
{
    private static readonly TimeSpan s_recheck = TimeSpan.FromSeconds(1);

    private readonly WaitMonitor _monitor = new();
    private long _finished;

    /// <summary>Read under the page-table lock, while an entry says that it migrates: that migration's end changes it.</summary>
    public long Finished
    {
        get
        {
            using (_monitor.Hold())
                return _finished;
        }
    }

    public void WaitBeyond(long finished)
    {
        using (_monitor.Hold())
        {
            while (_finished == finished)
                _monitor.Wait(s_recheck);
            _monitor.Pulse();
        }
    }

    /// <summary>Some migration has finished: its entries were put back before.</summary>
    public void Announce()
    {
        using (_monitor.Hold())
        {
            _finished++;
            _monitor.Pulse();
        }
    }
}
