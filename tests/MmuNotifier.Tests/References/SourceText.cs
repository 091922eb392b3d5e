using System.Text.RegularExpressions;

namespace MmuNotifier.Tests.References;

/// <summary>A text of the repository: a document, a source, a script or a project.</summary>
/// <param name="Path">From the root of the repository, with slashes.</param>
/// <param name="Content">As it stands in the file.</param>
internal sealed partial record SourceText(string Path, string Content)
{
    private static readonly string[] s_extensions = [".md", ".cs", ".c", ".h", ".sh", ".csproj", ".props", ".targets", ".yml", ".txt"];

    private static readonly string[] s_skippedFolders = ["bin", "obj", "artifacts", "node_modules", "generated"];

    /// <summary>All there are, without what is built.</summary>
    internal static SourceText[] All { get; } = [.. Find(new DirectoryInfo(Documentation.Root))];

    internal static SourceText[] Documents { get; } = [.. All.Where(text => text.IsDocument)];

    internal bool IsDocument => Path.EndsWith(".md", StringComparison.Ordinal);

    internal string Folder => System.IO.Path.GetDirectoryName(Path)!;

    /// <summary>The content with lines joined, so that a mention that continues in the next line of a comment is found as well.</summary>
    internal string Joined => LineBreak().Replace(Content, " ");

    /// <summary>A document without its code: what stands between fences, and in a line between backticks.</summary>
    internal string Prose => Code().Replace(Fenced().Replace(Content, ""), "");

    /// <summary>The names under which the headings of a document can be linked to, as GitHub makes them.</summary>
    internal HashSet<string> Anchors =>
        [.. Heading().Matches(Fenced().Replace(Content, "")).Select(match => AnchorOf(match.Groups[1].Value))];

    internal IEnumerable<string> Headings => Heading().Matches(Fenced().Replace(Content, "")).Select(match => match.Groups[1].Value);

    private static string AnchorOf(string heading) =>
        NoAnchor().Replace(LinkTarget().Replace(heading, "").ToLowerInvariant(), "").Replace(' ', '-');

    private static IEnumerable<SourceText> Find(DirectoryInfo folder)
    {
        foreach (FileInfo file in folder.EnumerateFiles().Where(file => s_extensions.Contains(file.Extension)))
        {
            string path = System.IO.Path.GetRelativePath(Documentation.Root, file.FullName).Replace('\\', '/');
            yield return new(path, File.ReadAllText(file.FullName));
        }

        foreach (DirectoryInfo child in folder.EnumerateDirectories())
        {
            if ((child.Name[0] == '.' && child.Name != ".github") || s_skippedFolders.Contains(child.Name))
                continue;
            foreach (SourceText text in Find(child))
                yield return text;
        }
    }

    [GeneratedRegex(@"\r?\n[ \t]*(?:///?|\*(?!/)|#)?[ \t]*")]
    private static partial Regex LineBreak();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fenced();

    [GeneratedRegex("`[^`\n]*`")]
    private static partial Regex Code();

    [GeneratedRegex(@"^#{1,6} (.+?)\s*$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\([^)]*\)")]
    private static partial Regex LinkTarget();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoAnchor();
}
