namespace Placeholder;

public class PlaceholderTest
{
    [Fact]
    public void Builds() => Assert.True(true);
}
