namespace MmuNotifier.Samples.Tests;

/// <summary>A page of docs/samples shows a sample, whole, and what it prints.</summary>
public sealed class SampleTests
{
    public static TheoryData<string, string> Samples => new()
    {
        { "SoftwareTlb", "docs/samples/software-tlb.md" },
        { "CodeCache", "docs/samples/code-cache.md" },
        { "SharedCodeCache", "docs/samples/shared-code-cache.md" },
        { "PinnedBuffers", "docs/samples/pinned-buffers.md" },
        { "FileServer", "docs/samples/file-server.md" },
        { "Service", "docs/samples/service.md" },
    };

    [Theory]
    [MemberData(nameof(Samples))]
    public void The_page_shows_the_sample(string sample, string page) => Assert.Equal(
        Documentation.Read($"samples/{sample}/Program.cs").Trim(), Documentation.BlocksOf(Documentation.Read(page), "csharp")[0].Trim());

    [Theory]
    [MemberData(nameof(Samples))]
    public void The_sample_prints_what_the_page_says(string sample, string page)
    {
        string[] said = Documentation.BlocksOf(Documentation.Read(page), "text")[0].Trim().Split('\n');
        string[] printed = Documentation.Run(sample).Split('\n');
        Assert.SkipWhen(printed[0].StartsWith("This process's memory cannot be watched", StringComparison.Ordinal), printed[0]);
        Assert.SkipWhen(printed[0].Contains("io_uring", StringComparison.Ordinal), printed[0]);
        if (sample == "Service") // The exporter prints times, and numbers that differ.
            Assert.All(said, line => Assert.Contains(printed, each => each.StartsWith(line, StringComparison.Ordinal)));
        else
            Assert.Equal(said, printed);
    }

    [Fact]
    public void A_page_leads_to_every_sample()
    {
        string[] files = Directory.GetFiles(Path.Combine(Documentation.Root, "docs"), "*.md", SearchOption.AllDirectories);
        string pages = string.Concat(files.Select(File.ReadAllText)) + Documentation.Read("README.md");
        string[] samples =
            [.. Directory.GetDirectories(Path.Combine(Documentation.Root, "samples")).Select(folder => Path.GetFileName(folder))];
        Assert.NotEmpty(samples);
        Assert.All(samples, sample => Assert.True(
            pages.Contains($"samples/{sample}/Program.cs)", StringComparison.Ordinal)
                || pages.Contains(Documentation.Read($"samples/{sample}/Program.cs").Trim(), StringComparison.Ordinal),
            sample));
    }
}
