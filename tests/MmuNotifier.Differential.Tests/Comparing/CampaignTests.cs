namespace MmuNotifier.Differential.Tests;

public sealed class CampaignTests
{
    private const int Operations = 20_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_simulated_memory_does_what_the_kernel_does(int seed)
    {
        string? report = new Campaign(MemoryKind.Kernel, MemoryKind.Simulated, seed, Operations).Run();
        Assert.True(report is null, report);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void This_process_s_own_memory_does_what_the_kernel_does(int seed)
    {
        string? report = new Campaign(MemoryKind.Kernel, MemoryKind.Linux, seed, Operations).Run();
        Assert.True(report is null, report);
    }

    [Fact]
    public void The_kernel_does_the_same_twice()
    {
        string? report = new Campaign(MemoryKind.Kernel, MemoryKind.Kernel, Seed: 1, Operations).Run();
        Assert.True(report is null, report);
    }
}
