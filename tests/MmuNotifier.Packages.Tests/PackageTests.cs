using System.IO.Compression;
using System.Text;
using System.Xml.Linq;

namespace MmuNotifier.Packages.Tests;

/// <summary>What is in the packages.</summary>
[Collection(PackedGroup.Name)]
public sealed class PackageTests(Packed packed)
{
    public static TheoryData<string> Libraries { get; } =
    [
        "MmuNotifier", "MmuNotifier.Hmm", "MmuNotifier.Hmm.Drivers", "MmuNotifier.Simulation", "MmuNotifier.Linux", "MmuNotifier.Processes",
        "MmuNotifier.Registration", "MmuNotifier.Registration.DependencyInjection", "MmuNotifier.IoUring",
        "MmuNotifier.Caching", "MmuNotifier.Caching.Redis",
    ];

    public static TheoryData<string> Packages { get; } = [.. Libraries.Select(row => row.Data), "MmuNotifier.Tool"];

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
        Assert.StartsWith(
            $"# {(package == "MmuNotifier.Tool" ? "mmun" : package)}\n", Text(archive, "README.md"), StringComparison.Ordinal);
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
    public void Dependencies_are_the_fewest(string package, params string[] dependencies)
    {
        using ZipArchive archive = packed.Open(package);
        Assert.Equal(
            dependencies,
            Metadata(archive, package).Descendants().Where(each => each.Name.LocalName == "dependency")
                .Select(each => each.Attribute("id")!.Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Native_library_tool_and_analyzers_are_where_they_are_looked_for()
    {
        using ZipArchive tool = packed.Open("MmuNotifier.Tool");
        Assert.NotNull(tool.GetEntry("tools/net10.0/any/mmun.dll"));
        using ZipArchive engine = packed.Open("MmuNotifier");
        Assert.NotNull(engine.GetEntry("analyzers/dotnet/cs/MmuNotifier.Analyzers.dll"));
        Assert.NotNull(engine.GetEntry("analyzers/dotnet/cs/MmuNotifier.Analyzers.CodeFixes.dll"));
        for (int rule = 1; rule <= 10; rule++)
            Assert.NotNull(engine.GetEntry($"docs/analyzers/MMUN{rule:000}.md")); // The rule's help link.
        Packed.RequireCompiler();
        using ZipArchive linux = packed.Open("MmuNotifier.Linux");
        Assert.NotNull(linux.GetEntry("runtimes/linux-x64/native/libmmunotifier_faulthandler.so"));
        Assert.Contains(tool.Entries, entry => entry.Name == "libmmunotifier_faulthandler.so");
        Assert.Contains(tool.Entries, entry => entry.Name == "libmmun-device.so");
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
}
