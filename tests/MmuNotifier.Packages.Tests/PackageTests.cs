using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace MmuNotifier.Packages.Tests;

/// <summary>What is in the packages.</summary>
[Collection(PackedGroup.Name)]
public sealed partial class PackageTests(Packed packed)
{
    public static TheoryData<string> Libraries { get; } =
    [
        "MmuNotifier", "MmuNotifier.Hmm", "MmuNotifier.Hmm.Drivers", "MmuNotifier.Simulation", "MmuNotifier.Linux", "MmuNotifier.Processes",
        "MmuNotifier.Registration", "MmuNotifier.Registration.DependencyInjection", "MmuNotifier.IoUring",
        "MmuNotifier.Caching", "MmuNotifier.Caching.Redis",
    ];

    public static TheoryData<string> Packages { get; } = [.. Libraries.Select(row => row.Data), "MmuNotifier.Tool", ToolProgram];

    /// <summary>The package that has the program; that of the tool leads to it.</summary>
    private const string ToolProgram = "MmuNotifier.Tool.linux-x64";

    [Theory]
    [MemberData(nameof(Packages))]
    public void Each_says_what_it_is_under_which_licence_and_has_a_readme(string package)
    {
        using ZipArchive archive = packed.Open(package);
        XElement metadata = Metadata(archive, package);
        Assert.Equal("MIT", Value(metadata, "license"));
        Assert.Equal("README.md", Value(metadata, "readme"));
        Assert.NotEqual("Package Description", Value(metadata, "description"));
        Assert.Contains("mmu-notifier", Value(metadata, "tags"), StringComparison.Ordinal);
        Assert.StartsWith("Copyright (c) ", Value(metadata, "copyright"), StringComparison.Ordinal);
        Assert.Equal("icon.png", Value(metadata, "icon"));
        Assert.NotNull(archive.GetEntry("icon.png"));
        Assert.StartsWith(
            $"# {(package.StartsWith("MmuNotifier.Tool", StringComparison.Ordinal) ? "mmun" : package)}\n",
            Text(archive, "README.md"),
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Each_leads_to_the_repository_and_to_what_has_changed(string package)
    {
        using ZipArchive archive = packed.Open(package);
        XElement metadata = Metadata(archive, package);
        Assert.Equal(Packed.RepositoryUrl, Value(metadata, "projectUrl"));
        Assert.Equal($"{Packed.RepositoryUrl}/blob/v{Packed.Version}/CHANGELOG.md", Value(metadata, "releaseNotes"));
        XElement repository = metadata.Elements().Single(each => each.Name.LocalName == "repository");
        Assert.Equal((Packed.RepositoryUrl, "git"), (repository.Attribute("url")!.Value, repository.Attribute("type")!.Value));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void The_links_of_a_readme_lead_somewhere_from_everywhere(string package)
    {
        using ZipArchive archive = packed.Open(package);
        string[] links = [.. Link().Matches(Text(archive, "README.md")).Select(match => match.Groups[1].Value)];
        Assert.NotEmpty(links);
        string files = $"{Packed.RepositoryUrl}/blob/v{Packed.Version}/";
        Assert.All(links, link => Assert.StartsWith(files, link, StringComparison.Ordinal));
        Assert.All(links, link => Assert.True(Path.Exists(Path.Combine(Packed.Root, link[files.Length..].Split('#')[0])), link));
    }

    [Fact]
    public void Each_has_tags_of_its_own()
    {
        string[] tags = [.. Packages.Where(row => row.Data != ToolProgram).Select(row =>
        {
            using ZipArchive archive = packed.Open(row.Data);
            return Value(Metadata(archive, row.Data), "tags");
        })];
        Assert.Equal(tags.Length, tags.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Each_library_has_its_documentation_and_a_package_of_symbols(string package)
    {
        using ZipArchive archive = packed.Open(package);
        Assert.NotNull(archive.GetEntry($"lib/net10.0/{package}.dll"));
        Assert.Contains("<member name=", Text(archive, $"lib/net10.0/{package}.xml"), StringComparison.Ordinal);
        using ZipArchive symbols = ZipFile.OpenRead(Path.Combine(packed.Feed, $"{package}.{Packed.Version}.snupkg"));
        Assert.NotNull(symbols.GetEntry($"lib/net10.0/{package}.pdb"));
    }

    [Theory]
    [InlineData("MmuNotifier")]
    [InlineData("MmuNotifier.Hmm", "MmuNotifier")]
    [InlineData("MmuNotifier.Hmm.Drivers", "MmuNotifier.Hmm")]
    [InlineData("MmuNotifier.Simulation", "MmuNotifier.Hmm")]
    [InlineData("MmuNotifier.Linux", "MmuNotifier.Hmm")]
    [InlineData("MmuNotifier.Processes", "MmuNotifier.Linux", "System.IO.Hashing")]
    [InlineData("MmuNotifier.Registration", "Microsoft.Extensions.Logging.Abstractions", "MmuNotifier")]
    [InlineData("MmuNotifier.IoUring", "MmuNotifier.Registration")]
    [InlineData(
        "MmuNotifier.Caching",
        "Microsoft.Extensions.Caching.Abstractions",
        "Microsoft.Extensions.DependencyInjection.Abstractions",
        "Microsoft.Extensions.Logging.Abstractions",
        "Microsoft.Extensions.Options",
        "MmuNotifier")]
    [InlineData(
        "MmuNotifier.Caching.Redis", "Microsoft.Extensions.Hosting.Abstractions", "MmuNotifier.Caching", "StackExchange.Redis")]
    [InlineData(
        "MmuNotifier.Registration.DependencyInjection",
        "Microsoft.Extensions.DependencyInjection.Abstractions",
        "Microsoft.Extensions.Logging.Abstractions",
        "Microsoft.Extensions.Options",
        "MmuNotifier.Linux",
        "MmuNotifier.Registration")]
    [InlineData("MmuNotifier.Tool")]
    [InlineData(ToolProgram)]
    public void Dependencies_are_the_fewest(string package, params string[] dependencies)
    {
        using ZipArchive archive = packed.Open(package);
        Assert.Equal(
            dependencies,
            Metadata(archive, package).Descendants().Where(each => each.Name.LocalName == "dependency")
                .Select(each => each.Attribute("id")!.Value).Order(StringComparer.Ordinal));
    }

    /// <remarks>They open their internals to each other.</remarks>
    [Theory]
    [MemberData(nameof(Libraries))]
    public void Each_demands_its_own_version_of_the_others(string package)
    {
        using ZipArchive archive = packed.Open(package);
        Assert.All(
            Metadata(archive, package).Descendants().Where(each => each.Name.LocalName == "dependency"
                && each.Attribute("id")!.Value.StartsWith("MmuNotifier", StringComparison.Ordinal)),
            each => Assert.Equal($"[{Packed.Version}]", each.Attribute("version")!.Value));
    }

    [Fact]
    public void Native_library_tool_and_analyzers_are_where_they_are_looked_for()
    {
        using ZipArchive tool = packed.Open(ToolProgram);
        Assert.Equal("\u007fELF", Text(tool, "tools/any/linux-x64/mmun")[..4]);
        using ZipArchive engine = packed.Open("MmuNotifier");
        Assert.NotNull(engine.GetEntry("analyzers/dotnet/cs/MmuNotifier.Analyzers.dll"));
        Assert.NotNull(engine.GetEntry("analyzers/dotnet/cs/MmuNotifier.Analyzers.CodeFixes.dll"));
        for (int rule = 1; rule <= 10; rule++)
            Assert.NotNull(engine.GetEntry($"docs/analyzers/MMUN{rule:000}.md")); // The rule's help link.
        using ZipArchive linux = packed.Open("MmuNotifier.Linux");
        Assert.NotNull(linux.GetEntry("runtimes/linux-x64/native/libmmunotifier_faulthandler.so"));
        Assert.Contains(tool.Entries, entry => entry.Name == "libmmunotifier_faulthandler.so");
        Assert.Contains(tool.Entries, entry => entry.Name == "libmmun-device.so");
    }

    /// <summary>The program and its two native libraries: no documentation, no symbols, nothing of the runtime.</summary>
    [Fact]
    public void The_tool_carries_only_what_runs()
    {
        using ZipArchive program = packed.Open(ToolProgram);
        Assert.Equal(
            ["DotnetToolSettings.xml", "libmmun-device.so", "libmmunotifier_faulthandler.so", "mmun"], FilesOf(program));
        using ZipArchive tool = packed.Open("MmuNotifier.Tool");
        Assert.Equal(["DotnetToolSettings.xml"], FilesOf(tool));

        static IEnumerable<string> FilesOf(ZipArchive archive) => archive.Entries
            .Where(entry => entry.FullName.StartsWith("tools/", StringComparison.Ordinal)).Select(entry => entry.Name)
            .Order(StringComparer.Ordinal);
    }

    private static XElement Metadata(ZipArchive archive, string package) =>
        XDocument.Parse(Text(archive, $"{package}.nuspec").TrimStart('\uFEFF')).Root!.Elements().First();

    private static string Value(XElement metadata, string name) =>
        metadata.Elements().SingleOrDefault(each => each.Name.LocalName == name)?.Value ?? "";

    private static string Text(ZipArchive archive, string path)
    {
        ZipArchiveEntry? entry = archive.GetEntry(path);
        Assert.NotNull(entry);
        using var reader = new StreamReader(entry.Open(), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
