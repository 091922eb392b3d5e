using System.Text.RegularExpressions;

namespace MmuNotifier.Tests.References;

/// <summary>Every document, section, item, fact, file and test that a text of the repository mentions exists.</summary>
public partial class ReferenceTests
{
    private static readonly HashSet<string> s_items = NumbersOf("docs/contract.md");

    private static readonly HashSet<string> s_facts = NumbersOf("docs/linux-facts.md");

    [Fact]
    public void Every_link_of_a_document_leads_to_a_file_and_a_heading() =>
        AssertNone(SourceText.Documents, document => Link().Matches(document.Prose).Select(match => match.Groups[1].Value)
            .Where(target => !Uri.IsWellFormedUriString(target, UriKind.Absolute) && !Leads(document, target)));

    [Fact]
    public void Every_path_that_is_mentioned_exists() =>
        AssertNone(SourceText.All, text => RootedPath().Matches(text.Joined).Select(match => match.Value.TrimEnd('.', '/'))
            .Where(path => !path.Contains("...", StringComparison.Ordinal) && !IsThere(path) && !IsThere(Path.Combine(text.Folder, path))));

    [Fact]
    public void Every_document_that_a_comment_mentions_by_its_name_alone_is_at_the_root_or_beside_it() =>
        AssertNone(SourceText.All.Where(text => !text.IsDocument), text => Comment().Matches(text.Content)
            .SelectMany(comment => BareDocument().Matches(comment.Value)).Select(match => match.Value)
            .Where(name => !IsThere(name) && !IsThere(Path.Combine(text.Folder, name))));

    [Fact]
    public void Every_section_that_is_quoted_is_a_heading() =>
        AssertNone(SourceText.All, text => QuotedSection().Matches(text.Joined)
            .Where(match =>
                !SectionsOf(match.Groups[1].Value).Any(heading => heading.StartsWith(match.Groups[2].Value, StringComparison.Ordinal)))
            .Select(match => match.Value));

    [Fact]
    public void Every_item_of_the_contract_that_is_mentioned_exists() =>
        AssertNone(SourceText.All, text => (text.Path == "docs/contract.md" ? OwnItems() : Items()).Matches(text.Joined)
            .Where(match => !Number().Matches(match.Groups[1].Value).All(number => s_items.Contains(number.Value))).Select(
                match => match.Value));

    [Fact]
    public void Every_fact_about_Linux_that_is_mentioned_exists() =>
        AssertNone(SourceText.All, text => Facts().Matches(text.Joined)
            .Where(match => !Number().Matches(match.Groups[1].Value).All(number => s_facts.Contains(number.Value))).Select(
                match => match.Value));

    [Fact]
    public void Facts_about_Linux_are_numbered_in_order() => Assert.Equal(
        Enumerable.Range(1, s_facts.Count).Select(number => $"{number}"),
        SectionsOf("docs/linux-facts.md").Select(heading => NumberedHeading().Match(heading)).Where(match => match.Success).Select(
            match => match.Groups[1].Value));

    [Fact]
    public void Every_test_that_a_document_names_exists()
    {
        ILookup<string, SourceText> classes = SourceText.All.Where(text => text.Path.EndsWith(".cs", StringComparison.Ordinal))
            .ToLookup(text => Path.GetFileNameWithoutExtension(text.Path));
        HashSet<string> methods =
            [.. classes.SelectMany(texts => texts).Where(text => text.Path.StartsWith("tests/", StringComparison.Ordinal))
            .SelectMany(text => TestMethod().Matches(text.Content)).Select(match => match.Groups[1].Value)];
        AssertNone(SourceText.Documents, document =>
            TestName().Matches(document.Content).Where(match => !Exists(match)).Select(match => match.Value));

        bool Exists(Match name)
        {
            string type = name.Groups[1].Value, method = name.Groups[2].Value;
            return type.Length == 0 ? methods.Contains(name.Groups[3].Value)
                : method.Length == 0 ? classes.Contains(type)
                : classes[type].Any(text => text.Content.Contains($" {method}(", StringComparison.Ordinal));
        }
    }

    private static bool Leads(SourceText document, string target)
    {
        string[] parts = target.Split('#');
        string path = parts[0].Length == 0 ? document.Path : Path.Combine(document.Folder, parts[0]);
        if (!IsThere(path))
            return false;
        string full = Path.GetFullPath(path, Documentation.Root);
        return parts.Length == 1 || SourceText.Documents
            .Any(other => Path.GetFullPath(other.Path, Documentation.Root) == full && other.Anchors.Contains(parts[1]));
    }

    private static bool IsThere(string path) => Path.Exists(Path.GetFullPath(path, Documentation.Root));

    private static IEnumerable<string> SectionsOf(string path) =>
        SourceText.Documents.Where(text => text.Path == path).SelectMany(text => text.Headings);

    private static HashSet<string> NumbersOf(string path) =>
    [
        .. SectionsOf(path)
            .Select(heading => NumberedHeading().Match(heading))
            .Where(match => match.Success)
            .Select(match => match.Groups[1].Value),
    ];

    private static void AssertNone(IEnumerable<SourceText> texts, Func<SourceText, IEnumerable<string>> find)
    {
        string[] lines = [.. texts.SelectMany(text => find(text).Select(found => $"{text.Path}: {found}"))];
        Assert.True(lines.Length == 0, string.Join('\n', lines));
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    /// <summary>A path from a folder of the root; a star, a dollar or a bracket in it stands for names.</summary>
    [GeneratedRegex(@"(?<![\w./-])(?:docs|src|tests|bench|eng|samples)/[\w.-]+(?:/[\w.-]+)*(?![\w/*<{$])")]
    private static partial Regex RootedPath();

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/|<!--.*?-->", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"(?<![\w/.*<>-])[\w-]+\.md\b")]
    private static partial Regex BareDocument();

    [GeneratedRegex("(docs/[\\w-]+\\.md), \"([^\"]+)\"")]
    private static partial Regex QuotedSection();

    [GeneratedRegex(@"\b[Cc]ontract(?:\.md)?,? items? (\d+(?:(?:, | and | to )\d+)*)")]
    private static partial Regex Items();

    [GeneratedRegex(@"\bitems? (\d+(?:(?:, | and | to )\d+)*)")]
    private static partial Regex OwnItems();

    [GeneratedRegex(@"\b[Ff]acts? (\d+(?:(?:, | and | to )\d+)*)")]
    private static partial Regex Facts();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();

    [GeneratedRegex(@"^(\d+)\. ")]
    private static partial Regex NumberedHeading();

    [GeneratedRegex(@"\b(?:void|Task) (\w+)\(")]
    private static partial Regex TestMethod();

    /// <summary>A class of tests, a method of one, or the sentence that is a method's name, between backticks.</summary>
    [GeneratedRegex("`(?:([A-Z]\\w*Tests)(?:\\.(\\w+))?|([A-Z][A-Za-z0-9]*(?:_[a-z0-9][A-Za-z0-9]*){2,}))`")]
    private static partial Regex TestName();
}
