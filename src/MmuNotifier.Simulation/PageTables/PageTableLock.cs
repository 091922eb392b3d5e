using System.Diagnostics;

namespace MmuNotifier.Simulation;

/// <summary>
/// The page-table lock of a machine, with the wait for pages that migrate. Innermost: nothing else is taken under it but the locks inside
/// DeviceMemory, and no callback runs under it.
/// </summary>
internal sealed class PageTableLock
{
    // A thread that waits longer has met a migration that was never finished.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly WaitMonitor _monitor = new();
    private int _waiting;

    public WaitMonitor.Scope Hold() => _monitor.Hold();

    /// <summary>In debug builds: what the lock guards is used only by the thread that holds it.</summary>
    [Conditional("DEBUG")]
    public void AssertHeld() => Debug.Assert(_monitor.IsHeldByCurrentThread, "The page-table lock must be held here.");

    /// <summary>Waits for the end of some migration, and takes the lock again.</summary>
    public void WaitForMigration()
    {
        AssertHeld();
        _waiting++;
        bool isPulsed = _monitor.Wait(s_limit);
        if (isPulsed)
            return;
        _waiting--;
        throw new TimeoutException("A page has been migrating for 60 s: its migration was not finished.");
    }

    /// <summary>Lets all go on that wait.</summary>
    public void MigrationEnded()
    {
        AssertHeld();
        for (; _waiting > 0; _waiting--)
            _monitor.Pulse();
    }
}
