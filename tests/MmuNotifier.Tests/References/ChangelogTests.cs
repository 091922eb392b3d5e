using System.Text.RegularExpressions;

namespace MmuNotifier.Tests.References;

/// <summary>The version that is being made has a section of its own in the changelog, which is the first.</summary>
public partial class ChangelogTests
{
    [Fact]
    public void The_first_section_is_that_of_the_version_that_is_made()
    {
        string version = Version().Match(Documentation.Read("Directory.Build.props")).Groups[1].Value;
        Assert.NotEmpty(version);
        Assert.Equal(version, Section().Match(Documentation.Read("CHANGELOG.md")).Groups[1].Value);
    }

    [GeneratedRegex("<Version>(.*)</Version>")]
    private static partial Regex Version();

    [GeneratedRegex(@"^## (\S+)", RegexOptions.Multiline)]
    private static partial Regex Section();
}
