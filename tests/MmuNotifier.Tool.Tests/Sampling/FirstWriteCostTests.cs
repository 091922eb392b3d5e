using MmuNotifier.Linux;
using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Tests.Sampling;

public class FirstWriteCostTests
{
    /// <remarks>A fault takes more than a tenth of a microsecond on any machine; a write without one takes a hundredth.</remarks>
    [Fact]
    public void It_is_what_a_fault_costs_and_not_what_a_write_costs()
    {
        bool canWatch = LinuxMemoryWatch.TryCreate(new AddressSpace(), null, out LinuxMemoryWatch? watch, out string? reason);
        Assert.SkipUnless(canWatch, reason ?? "");
        watch!.Dispose();
        Assert.InRange(FirstWriteCost.Measure(), TimeSpan.FromMicroseconds(0.1), TimeSpan.MaxValue);
        Assert.NotEqual(FirstWriteCost.Assumed, FirstWriteCost.Measure());
    }
}
