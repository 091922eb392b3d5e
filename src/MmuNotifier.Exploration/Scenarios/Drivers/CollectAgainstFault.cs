namespace MmuNotifier.Exploration.Scenarios.Drivers;

/// <summary>One device fault tidies up after an unmap while another still is about to begin on what was mapped before.</summary>
internal sealed class CollectAgainstFault(string driver) : DriverScenario(driver)
{
    protected override IEnumerable<Action> Setup()
    {
        MapAndAttach();
        return [Cpu, Device];
    }

    private void Cpu()
    {
        Unmap(2);
        Map(2);
        DeviceReads(3);
    }

    private void Device() => DeviceReads(2);
}
