namespace MmuNotifier.Exploration.Scenarios.Drivers;

/// <summary>The content of a page that the device has mapped is thrown away, and the CPU writes to it anew.</summary>
internal sealed class ReadAgainstDontNeed(string driver) : DriverScenario(driver)
{
    protected override IEnumerable<Action> Setup()
    {
        MapAndAttach();
        DeviceReads(2);
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
