using System.Diagnostics;

namespace MmuNotifier.Tests.Shared;

/// <summary>The texts of the repository, the code blocks in them, and the samples that they show.</summary>
internal static class Documentation
{
    private const string Fence = "```";

    internal static string Root { get; } = FindRoot();

    internal static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    internal static List<string> BlocksOf(string text, string language)
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

    /// <summary>What a sample prints, as it was built with the tests; started by another program, if one is given.</summary>
    internal static string Run(string sample, params string[] starter) => RunWith(sample, [], starter);

    /// <summary>What a sample prints that is given arguments.</summary>
    internal static string RunWith(string sample, string[] arguments, params string[] starter)
    {
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string program = Path.Combine(Root, "samples", sample, "bin", configuration, "net10.0", $"{sample}.dll");
        string[] command = [.. starter, "dotnet", program, .. arguments];
        using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(Patience.Limit));
        Assert.Equal(0, process.ExitCode);
        return output.Trim();
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "MmuNotifier.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests are not below the repository.");
    }
}
