using System.Text.RegularExpressions;

namespace MmuNotifier.Tests.References;

/// <summary>What meets somebody who reports or changes something: workflows, forms, the note on security.</summary>
public partial class CommunityFileTests
{
    [Fact]
    public void The_workflow_runs_the_script_that_runs_here()
    {
        Assert.Contains(" .ci/run", Documentation.Read(".github/workflows/ci.yml"), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Documentation.Root, ".ci/run")));
    }

    [Fact]
    public void The_form_for_faults_names_every_library_that_is_packed()
    {
        string form = Documentation.Read(".github/ISSUE_TEMPLATE/bug.yml");
        string[] libraries =
        [
            .. Directory.GetDirectories(Path.Combine(Documentation.Root, "src"))
                .Where(folder => File.Exists(Path.Combine(folder, "PublicAPI.Shipped.txt"))).Select(folder => Path.GetFileName(folder)),
        ];
        Assert.NotEmpty(libraries);
        Assert.All(libraries, library =>
            Assert.Contains(FirstName().Replace(library, ".").Split(".Dependency")[0], form, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("bug.yml")]
    [InlineData("idea.yml")]
    public void A_form_has_what_GitHub_requires(string form)
    {
        string text = Documentation.Read($".github/ISSUE_TEMPLATE/{form}");
        Assert.All(["name: ", "description: ", "body:\n"], key => Assert.Contains(key, text, StringComparison.Ordinal));
        string[] ids = [.. Id().Matches(text).Select(match => match.Groups[1].Value)];
        Assert.NotEmpty(ids);
        Assert.Equal(ids.Distinct(), ids);
    }

    [Fact]
    public void The_main_readme_leads_to_the_note_on_security() =>
        Assert.Contains("](SECURITY.md)", Documentation.Read("README.md"), StringComparison.Ordinal);

    [GeneratedRegex("^MmuNotifier\\.")]
    private static partial Regex FirstName();

    [GeneratedRegex(@"^    id: (\w+)$", RegexOptions.Multiline)]
    private static partial Regex Id();
}
