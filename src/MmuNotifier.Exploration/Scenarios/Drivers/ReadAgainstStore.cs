namespace MmuNotifier.Exploration.Scenarios.Drivers;

/// <summary>The CPU's first store to a page of zeros replaces the frame that the device reads.</summary>
internal sealed class ReadAgainstStore(string driver) : DriverScenario(driver)
{
    protected override IEnumerable<Action> Setup()
    {
        MapAndAttach();
        DontNeed(2);
        DeviceReads(2);
        return [Cpu, Device];
    }

    private void Cpu() => Store(2, 20);

    private void Device()
    {
        DeviceReads(2);
        DeviceReads(2);
    }
}
