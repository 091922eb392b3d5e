using System.Text.RegularExpressions;

namespace MmuNotifier.Tests;

public partial class ReadmeTests
{
    private static string Readme { get; } = Documentation.Read("README.md");

    [Fact]
    public void The_library_example_is_the_quickstart_sample_and_prints_what_is_dropped()
    {
        Assert.Equal(Documentation.Read("samples/Quickstart/Program.cs").Trim(), Example.Trim());
        Assert.Equal(Documentation.BlocksOf(Readme, "text")[0].Trim(), Documentation.Run("Quickstart"));
    }

    [Fact]
    public void The_readme_of_the_package_has_the_same_example() =>
        Assert.Equal(Example, Documentation.BlocksOf(Documentation.Read("src/MmuNotifier/README.md"), "csharp").Single());

    [Fact]
    public void There_are_exactly_two_set_up_commands_and_the_second_one_runs_the_tests()
    {
        List<string> commands = Documentation.BlocksOf(Section("Try it"), "sh");

        Assert.Equal(2, commands.Count);
        Assert.StartsWith("dotnet run -c Release --project src/MmuNotifier.Tool -- mirror", commands[0], StringComparison.Ordinal);
        Assert.Equal("dotnet test", commands[1].Trim());
    }

    [Fact]
    public void The_picture_is_of_commands_that_one_is_asked_to_run()
    {
        string[] lines = [.. Documentation.BlocksOf(Section("Install the tool"), "sh")
            .SelectMany(block => block.Split('\n')).Select(line => line.Split('#')[0].Trim())];
        string[] prompts = [.. Prompt().Matches(Documentation.Read("docs/images/churn.svg")).Select(match => match.Groups[1].Value)];
        Assert.Equal(2, prompts.Length);
        Assert.All(prompts, prompt => Assert.Contains(prompt, lines));
    }

    private static string Section(string heading) => Readme.Split($"\n## {heading}\n")[1].Split("\n## ")[0];

    [GeneratedRegex(@">\$ ([^<]*)<")]
    private static partial Regex Prompt();

    private static string Example => Documentation.BlocksOf(Readme, "csharp").Single();
}
