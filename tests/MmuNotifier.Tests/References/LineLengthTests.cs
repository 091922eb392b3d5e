using System.Text.RegularExpressions;

namespace MmuNotifier.Tests.References;

/// <summary>
/// No line of a document is longer than a line of source. Excepted are rows of tables, lines without a space to break them at (URLs),
/// what a program prints, in a block that is marked as <c>text</c>, and the results, which the benchmarks write.
/// </summary>
public partial class LineLengthTests
{
    private const int MaxColumns = 140;

    [Fact]
    public void No_line_of_a_document_is_longer_than_140_columns()
    {
        string[] found = [.. SourceText.Documents.Where(IsWrittenByPeople).SelectMany(LongLines)];
        Assert.True(found.Length == 0, string.Join('\n', found));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("| a cell | ", false)]
    [InlineData("```text\n", false)]
    [InlineData("```sh\n", true)]
    [InlineData("```text\nshort\n```\n", true)]
    public void Only_tables_and_output_may_be_longer(string before, bool isFound)
    {
        string line = string.Concat(Enumerable.Repeat("a word ", 21)).Trim();
        Assert.Equal(isFound, LongLines(new SourceText("README.md", before + line)).Any());
    }

    [Fact]
    public void What_cannot_be_broken_may_be_longer() =>
        Assert.Empty(LongLines(new SourceText("README.md", "- https://example.org/" + new string('a', MaxColumns))));

    private static bool IsWrittenByPeople(SourceText document) => !document.Path.StartsWith("bench/results/", StringComparison.Ordinal);

    private static IEnumerable<string> LongLines(SourceText document)
    {
        string? fence = null;
        int number = 0;
        foreach (string line in document.Content.Split('\n'))
        {
            number++;
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
                fence = fence is null ? line.Trim() : null;
            bool mayBeLong = line.StartsWith('|') || fence == "```text" || Unbreakable().IsMatch(line);
            if (line.Length > MaxColumns && !mayBeLong)
                yield return $"{document.Path}:{number}: {line.Length} columns";
        }
    }

    /// <summary>One word, perhaps in a list.</summary>
    [GeneratedRegex(@"^\s*(?:[-*] )?\S+$")]
    private static partial Regex Unbreakable();
}
