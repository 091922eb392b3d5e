namespace MmuNotifier.Exploration.Scenarios.Drivers;

/// <summary>A page is unmapped and mapped again at the same address while the device faults it and reads it again.</summary>
internal sealed class ReadAgainstUnmap(string driver) : DriverScenario(driver)
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
    }

    private void Device()
    {
        DeviceReads(2);
        DeviceReads(2);
    }
}
