using MmuNotifier.Hmm;

namespace MmuNotifier.Exploration.Scenarios.Drivers;

/// <summary>A fork makes a page copy-on-write that the device may write: what it writes afterwards the child never sees.</summary>
internal sealed class WriteAgainstFork(string driver) : DriverScenario(driver)
{
    private VirtualMemory? _child;
    private byte _seen;

    public override void Check()
    {
        Explore.Assert(
            ChildByte() == _seen, $"The child's page changed from {_seen} to {ChildByte()}: the device wrote to the child's memory.");
        _child!.Dispose();
        Load(2);
        base.Check();
    }

    protected override IEnumerable<Action> Setup()
    {
        MapAndAttach();
        DeviceWrites(2, 20);
        return [Cpu, Device];
    }

    private void Cpu()
    {
        NamedStep.Note("CPU: fork");
        _child = Memory.Fork();
        _seen = ChildByte();
        NamedStep.Note($"the child has {_seen} in page 2");
    }

    private void Device() => DeviceWrites(2, 21);

    private byte ChildByte()
    {
        Span<byte> bytes = stackalloc byte[1];
        Expect(_child!.Load(AddressOf(2), bytes));
        return bytes[0];
    }
}
