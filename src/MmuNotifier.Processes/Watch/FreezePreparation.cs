namespace MmuNotifier.Processes;

/// <summary>
/// What a freeze must know about its processes, found out while they run: which threads sleep and need not be stopped, and which other
/// processes run in the same memory (clone with CLONE_VM) and must be stopped as well.
/// </summary>
internal sealed class FreezePreparation
{
    private readonly Dictionary<int, SleepSurvey> _sleepers = [];
    private readonly Dictionary<int, List<int>> _partners = [];

    internal static FreezePreparation Make(IReadOnlyCollection<WatchedProcess> watches)
    {
        var preparation = new FreezePreparation();
        foreach (WatchedProcess watch in watches)
        {
            // Memory that the program watches itself is read only while nothing runs: see Coverage.ReadWhenFrozen.
            if (!watch.LeavesMemory)
                preparation._sleepers[watch.ProcessId] = SleepSurvey.Take(watch.ProcessId);
        }

        preparation.FindPartners(watches);
        return preparation;
    }

    /// <summary>Looks again for processes in the same memory.</summary>
    /// <returns>Whether there are any that were not known.</returns>
    internal bool FindPartners(IReadOnlyCollection<WatchedProcess> watches)
    {
        bool foundNew = false;
        List<int> all = ProcessTree.All();
        all.RemoveAll(id => watches.Any(watch => watch.HolderId == id));
        foreach (WatchedProcess watch in watches)
        {
            List<int> known = PartnersOf(watch.ProcessId);
            foreach (int partner in MemoryPartners.Find(watch.MemoryId, all.Except([.. known, watch.ProcessId]).ToArray()))
            {
                foundNew = true;
                known.Add(partner);
            }

            _partners[watch.ProcessId] = known;
        }

        return foundNew;
    }

    /// <summary>From now on every thread is to be stopped, asleep or not.</summary>
    internal void StopSleepers() => _sleepers.Clear();

    internal SleepSurvey? SleepersOf(int processId) => _sleepers.GetValueOrDefault(processId);

    internal List<int> PartnersOf(int processId) => _partners.GetValueOrDefault(processId) ?? [];
}
