using MmuNotifier.Tool.CommandLine;

namespace MmuNotifier.Tool.Tests.CommandLine;

public class EditDistanceTests
{
    [Theory]
    [InlineData(0, "mirror", "mirror")]
    [InlineData(1, "mirror", "mirorr")]
    [InlineData(1, "mirror", "miror")]
    [InlineData(1, "mirror", "mirrors")]
    [InlineData(1, "mirror", "mirrar")]
    [InlineData(6, "mirror", "")]
    [InlineData(2, "core", "cure2")]
    public void It_counts_the_mistakes_of_typing(int expected, string one, string other)
    {
        Assert.Equal(expected, EditDistance.Between(one, other));
        Assert.Equal(expected, EditDistance.Between(other, one));
    }
}
