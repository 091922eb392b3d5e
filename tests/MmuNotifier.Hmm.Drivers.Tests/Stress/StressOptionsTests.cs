using MmuNotifier.Hmm.Drivers.Stress;

namespace MmuNotifier.Hmm.Drivers.Tests.Stress;

public sealed class StressOptionsTests
{
    public static TheoryData<string, StressOptions> Wrong => new()
    {
        { nameof(StressOptions.Threads), new() { Threads = 0, Operations = 1 } },
        { nameof(StressOptions.Threads), new() { Threads = 65, Operations = 1 } },
        { nameof(StressOptions.Pages), new() { Pages = 3, Operations = 1 } },
        { nameof(StressOptions.Duration), new() { Duration = TimeSpan.FromSeconds(-1) } },
        { nameof(StressOptions.Operations), new() { Operations = -1 } },
        { nameof(StressOptions.Duration), new() },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Wrong_value_is_named(string name, StressOptions options) =>
        Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(options.Validate).ParamName);

    [Fact]
    public void One_limit_is_enough()
    {
        new StressOptions { Operations = 1 }.Validate();
        new StressOptions { Duration = TimeSpan.FromSeconds(1) }.Validate();
    }
}
