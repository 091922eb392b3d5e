namespace MmuNotifier.Tests.References;

/// <summary>
/// docs/README.md leads to every page, in one step or, for rules of the analyzers, in two. The site has its menu from there.
/// </summary>
public class DocumentationIndexTests
{
    [Fact]
    public void The_index_leads_to_every_page()
    {
        string index = Documentation.Read("docs/README.md") + Documentation.Read("docs/analyzers/README.md").Replace("](", "](analyzers/");
        string folder = Path.Combine(Documentation.Root, "docs");
        string[] pages =
        [
            .. Directory.GetFiles(folder, "*.md", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/')).Where(path => path != "README.md"),
        ];
        Assert.NotEmpty(pages);
        Assert.All(pages, page => Assert.Contains($"]({page})", index, StringComparison.Ordinal));
    }
}
