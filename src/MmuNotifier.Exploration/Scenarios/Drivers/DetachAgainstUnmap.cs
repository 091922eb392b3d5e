namespace MmuNotifier.Exploration.Scenarios.Drivers;

/// <summary>The driver detaches while a page that the device had is unmapped.</summary>
internal sealed class DetachAgainstUnmap(string driver) : DriverScenario(driver)
{
    protected override IEnumerable<Action> Setup()
    {
        MapAndAttach();
        DeviceReads(2);
        return [Cpu, Device];
    }

    private void Cpu() => Unmap(2);

    private void Device()
    {
        DeviceReads(2);
        IsAttached = false;
        NamedStep.Note("the driver detaches");
        Driver.Dispose();
        NamedStep.Note("the driver has detached");
    }
}
