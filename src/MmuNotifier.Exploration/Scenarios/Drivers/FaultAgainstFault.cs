namespace MmuNotifier.Exploration.Scenarios.Drivers;

/// <summary>Two device faults at neighbours, whose page the CPU unmaps meanwhile.</summary>
internal sealed class FaultAgainstFault(string driver) : DriverScenario(driver)
{
    protected override IEnumerable<Action> Setup()
    {
        MapAndAttach();
        return [Cpu, Device, OtherDevice];
    }

    private void Cpu() => Unmap(2);

    private void Device() => DeviceReads(2);

    private void OtherDevice() => DeviceReads(3);
}
