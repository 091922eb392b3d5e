using System.Diagnostics;

namespace MmuNotifier.Tests;

public class ReadmeTests
{
    private const string Fence = "```";

    [Fact]
    public void The_library_example_is_the_quickstart_sample_and_prints_what_is_dropped()
    {
        string sample = Path.Combine(Root, "samples", "Quickstart", "Program.cs");
        Assert.Equal(File.ReadAllText(sample).Trim(), Blocks("csharp").Single().Trim());

        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string program = Path.Combine(Root, "samples", "Quickstart", "bin", configuration, "net10.0", "Quickstart.dll");
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [program]) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(30)));

        Assert.Equal("drop [0x11000, 0x11fff]", output.Trim());
    }

    [Fact]
    public void The_example_has_five_lines_and_a_using()
    {
        string[] lines = Blocks("csharp").Single().Trim().Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("using MmuNotifier;", lines[0]);
        Assert.Equal(5, lines.Length - 1);
    }

    [Fact]
    public void There_are_exactly_two_set_up_commands_and_the_second_one_runs_the_tests()
    {
        string tryIt = File.ReadAllText(Path.Combine(Root, "README.md")).Split("## Use the library")[0];
        List<string> commands = BlocksOf(tryIt, "sh");

        Assert.Equal(2, commands.Count);
        Assert.StartsWith("dotnet run -c Release --project src/MmuNotifier.Tool -- mirror", commands[0], StringComparison.Ordinal);
        Assert.Equal("dotnet test", commands[1].Trim());
    }

    private static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "MmuNotifier.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests are not below the repository.");
    }

    private static List<string> Blocks(string language) => BlocksOf(File.ReadAllText(Path.Combine(Root, "README.md")), language);

    private static List<string> BlocksOf(string text, string language)
    {
        List<string> blocks = [];
        string opening = Fence + language + "\n";
        for (int at = text.IndexOf(opening, StringComparison.Ordinal); at >= 0;)
        {
            int start = at + opening.Length;
            int end = text.IndexOf(Fence, start, StringComparison.Ordinal);
            blocks.Add(text[start..end]);
            at = text.IndexOf(opening, end, StringComparison.Ordinal);
        }

        return blocks;
    }
}
