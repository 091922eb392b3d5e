namespace MmuNotifier.Registration.Tests;

/// <summary>docs/registration-cache.md shows samples/Registration and what it prints.</summary>
public sealed class RegistrationSampleTests
{
    private static string Text { get; } = Documentation.Read("docs/registration-cache.md");

    [Fact]
    public void The_example_is_the_sample() => Assert.Equal(
        Documentation.Read("samples/Registration/Program.cs").Trim(), Documentation.BlocksOf(Text, "csharp")[0].Trim());

    [Fact]
    public void The_sample_prints_what_is_said()
    {
        string[] printed = Documentation.Run("Registration").Split('\n');
        Assert.SkipUnless(printed[0] == "watching", printed[0]);
        string[] said = Documentation.BlocksOf(Text, "text")[0].Trim().Split('\n');

        // A release may be on the cache's own thread, so it comes a little earlier or later.
        Assert.Equal(said.Where(IsOfGet), printed.Where(IsOfGet));
        Assert.Equal(said.Order(StringComparer.Ordinal), printed.Order(StringComparer.Ordinal));
    }

    /// <summary>As in a container: a seccomp filter answers userfaultfd with an error.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(38)]
    public void Without_userfaultfd_it_says_so_and_registers_for_each_lease(int error)
    {
        const string python = "/usr/bin/python3";
        Assert.SkipUnless(File.Exists(python), $"there is no {python}");
        string script = Path.Combine(Documentation.Root, "tests", "Targets", "Python", "forbidden.py");
        string[] printed = Documentation.Run("Registration", python, script, $"{error}").Split('\n');

        Assert.StartsWith("This process's memory cannot be watched: ", printed[0], StringComparison.Ordinal);
        Assert.Equal(
            [
                "first: registration 1", "release registration 1", "again: registration 2", "release registration 2",
                "mapped again: registration 3", "release registration 3",
            ],
            printed[1..]);
    }

    private static bool IsOfGet(string line) => !line.StartsWith("release ", StringComparison.Ordinal);
}
