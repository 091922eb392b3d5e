namespace MmuNotifier.Tests;

public class ReadmeTests
{
    private static string Readme { get; } = Documentation.Read("README.md");

    [Fact]
    public void The_library_example_is_the_quickstart_sample_and_prints_what_is_dropped()
    {
        Assert.Equal(Documentation.Read("samples/Quickstart/Program.cs").Trim(), Example.Trim());
        Assert.Equal("drop [0x11000, 0x11fff]", Documentation.Run("Quickstart"));
    }

    [Fact]
    public void The_readme_of_the_package_has_the_same_example() =>
        Assert.Equal(Example, Documentation.BlocksOf(Documentation.Read("src/MmuNotifier/README.md"), "csharp").Single());

    [Fact]
    public void There_are_exactly_two_set_up_commands_and_the_second_one_runs_the_tests()
    {
        List<string> commands = Documentation.BlocksOf(Readme.Split("## Use the library")[0], "sh");

        Assert.Equal(2, commands.Count);
        Assert.StartsWith("dotnet run -c Release --project src/MmuNotifier.Tool -- mirror", commands[0], StringComparison.Ordinal);
        Assert.Equal("dotnet test", commands[1].Trim());
    }

    private static string Example => Documentation.BlocksOf(Readme, "csharp").Single();
}
