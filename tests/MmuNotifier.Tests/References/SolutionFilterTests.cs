using System.Text.Json;
using System.Xml.Linq;

namespace MmuNotifier.Tests.References;

/// <summary>
/// The solution filters, each of which builds one part: the projects that they name are in the solution, and every project is in one.
/// </summary>
public class SolutionFilterTests
{
    private static readonly string[] s_projects =
    [
        .. XDocument.Parse(Documentation.Read("MmuNotifier.slnx")).Descendants("Project")
            .Select(project => project.Attribute("Path")!.Value),
    ];

    public static TheoryData<string> Filters =>
        [.. Directory.GetFiles(Documentation.Root, "*.slnf").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Filters))]
    public void A_filter_names_projects_of_the_solution_that_exist(string filter)
    {
        string[] projects = ProjectsOf(filter);
        Assert.NotEmpty(projects);
        Assert.Empty(projects.Except(s_projects));
        Assert.All(projects, project => Assert.True(File.Exists(Path.Combine(Documentation.Root, project)), project));
    }

    [Fact]
    public void Every_project_is_in_a_filter() => Assert.Empty(s_projects.Except(Filters.SelectMany(row => ProjectsOf(row.Data))));

    [Theory]
    [MemberData(nameof(Filters))]
    public void Every_filter_is_in_the_map_of_the_contributing_guide(string filter) =>
        Assert.Contains($"`{filter}`", Documentation.Read("CONTRIBUTING.md"), StringComparison.Ordinal);

    private static string[] ProjectsOf(string filter)
    {
        using JsonDocument document = JsonDocument.Parse(Documentation.Read(filter));
        JsonElement solution = document.RootElement.GetProperty("solution");
        Assert.Equal("MmuNotifier.slnx", solution.GetProperty("path").GetString());
        return [.. solution.GetProperty("projects").EnumerateArray().Select(project => project.GetString()!)];
    }
}
