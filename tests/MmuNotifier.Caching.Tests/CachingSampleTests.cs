namespace MmuNotifier.Caching.Tests;

/// <summary>docs/caching.md says what samples/Caching prints.</summary>
public sealed class CachingSampleTests
{
    [Fact]
    public void The_sample_prints_what_is_said() => Assert.Equal(
        Documentation.BlocksOf(Documentation.Read("docs/caching.md"), "text")[0].Trim(), Documentation.Run("Caching").Trim());
}
