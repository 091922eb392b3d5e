namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>What fails inside the program before it can ask the device: the program gets the error, its user one line.</summary>
[Collection(EndToEndGroup.Name)]
public class DeviceFailureTests
{
    [Theory]
    [InlineData("request", "the two sockets that a request or a fork needs")]
    [InlineData("open", "the two userfaultfds that a device needs")]
    public void A_program_without_free_descriptors_is_told_in_one_line(string moment, string expected)
    {
        Assert.SkipUnless(Machine.IsRoot, "userfaultfd needs root");
        using var program = new DeviceProgram("exhausted");
        using Mmun mmun = Mmun.Run("device", "--", program.Path, moment);
        Assert.True(mmun.WaitForExit() == 0, $"{mmun.Output}\n{mmun.Error}");
        Assert.Equal("ok\n", mmun.Output);
        Assert.DoesNotContain('\n', mmun.Error);
        Assert.StartsWith("mmun: Process ", mmun.Error, StringComparison.Ordinal);
        Assert.Contains(expected, mmun.Error, StringComparison.Ordinal);
        Assert.EndsWith("(ulimit -n).", mmun.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_without_free_descriptors_of_its_own_refuses_to_open()
    {
        Assert.SkipUnless(Machine.IsRoot, "userfaultfd needs root");
        Machine.Require("prlimit");
        using var program = new DeviceProgram("plenty");
        using var mmun = new Mmun(["prlimit", "--nofile=160"], AppContext.BaseDirectory, ["device", "--", program.Path]);
        Assert.True(mmun.WaitForExit() == 0, $"{mmun.Output}\n{mmun.Error}");
        Assert.Equal("ok\n", mmun.Output);
    }
}
