namespace MmuNotifier.Simulation.Tests;

public sealed class SimulatedMachineOptionsTests
{
    public static TheoryData<string, SimulatedMachineOptions> Wrong => new()
    {
        { nameof(SimulatedMachineOptions.Frames), new() { Frames = 512 } },
        { nameof(SimulatedMachineOptions.Frames), new() { Frames = 1025 } },
        { nameof(SimulatedMachineOptions.HugeTlbPages), new() { HugeTlbPages = -1 } },
        { nameof(SimulatedMachineOptions.HugeTlbPages), new() { Frames = 1024, HugeTlbPages = 2 } },
        { nameof(SimulatedMachineOptions.MaximumMappings), new() { MaximumMappings = 0 } },
    };

    [Fact]
    public void Defaults_are_right() => new SimulatedMachineOptions().Validate();

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Wrong_value_is_named(string name, SimulatedMachineOptions options) =>
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => new SimulatedMachine(options)).ParamName);

    [Fact]
    public void A_later_change_has_no_effect_on_the_machine()
    {
        var options = new SimulatedMachineOptions { MaximumMappings = 7 };
        var machine = new SimulatedMachine(options);
        options.MaximumMappings = 1;
        Assert.Equal(7, machine.Options.MaximumMappings);
    }
}
