namespace MmuNotifier.Exploration.Scenarios.Drivers;

/// <summary>The content of a page is thrown away while the device faults it, and the CPU writes to it again. The mapping stays.</summary>
internal sealed class ReadAgainstDontNeed(string driver) : DriverScenario(driver)
{
    protected override IEnumerable<Action> Setup()
    {
        MapAndAttach();
        return [Cpu, Device];
    }

    private void Cpu()
    {
        DontNeed(2);
        Store(2, 20);
    }

    private void Device()
    {
        DeviceReads(2);
        DeviceReads(2);
    }
}
