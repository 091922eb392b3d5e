using System.Text.RegularExpressions;

namespace MmuNotifier.Packages.Tests;

/// <summary>
/// Every program on a page (a block of C# that begins with a using directive) and every sample of one file compiles with the packages
/// alone, and runs. CachingRedis has several files, and starts Redis: RedisSampleTests runs it.
/// </summary>
[Collection(PackedGroup.Name)]
public sealed partial class PageProgramTests(Packed packed)
{
    private static readonly string[] s_packages =
    [
        "MmuNotifier", "MmuNotifier.Simulation", "MmuNotifier.Processes", "MmuNotifier.IoUring", "MmuNotifier.Caching.Redis",
        "MmuNotifier.Registration.DependencyInjection",
    ];

    [Fact]
    public void Each_compiles_with_the_packages_alone_and_runs()
    {
        _ = packed.Feed;
        string folder = Path.Combine(packed.Folder, "programs");
        List<string> names = [];
        foreach ((string name, string source) in Programs())
        {
            names.Add(name);
            Directory.CreateDirectory(Path.Combine(folder, name));
            File.WriteAllText(Path.Combine(folder, name, "Program.cs"), source);
            File.WriteAllText(Path.Combine(folder, name, $"{name}.csproj"), Project());
        }

        Assert.True(names.Count >= 9, string.Join(' ', names));
        File.WriteAllText(Path.Combine(folder, "all.proj"), """
            <Project>
              <ItemGroup><Each Include="*/*.csproj" /></ItemGroup>
              <Target Name="Restore"><MSBuild Projects="@(Each)" Targets="Restore" Properties="Restoring=1" /></Target>
              <Target Name="Build" DependsOnTargets="Restore"><MSBuild Projects="@(Each)" Targets="Build" /></Target>
            </Project>
            """);
        packed.Run("dotnet", folder, "msbuild", "all.proj", "-t:Build", "-v:quiet", "-nologo");
        foreach (string name in names)
        {
            string[] arguments = [Path.Combine(folder, name, "bin", "Debug", "net10.0", $"{name}.dll")];
            if (File.ReadAllText(Path.Combine(folder, name, "Program.cs")).Contains("args[1]", StringComparison.Ordinal))
                continue; // It needs a process to look at: ProcessAnalysisSampleTests runs it.
            Assert.NotEmpty(packed.Run("dotnet", folder, arguments).Trim());
        }
    }

    private static IEnumerable<(string Name, string Source)> Programs()
    {
        foreach (string folder in Directory.GetDirectories(Path.Combine(Packed.Root, "samples")))
        {
            if (Directory.GetFiles(folder, "*.cs").Length > 1)
                continue;
            yield return (Path.GetFileName(folder), File.ReadAllText(Path.Combine(folder, "Program.cs")));
        }

        string[] pages =
        [
            Path.Combine(Packed.Root, "README.md"),
            .. Directory.GetFiles(Path.Combine(Packed.Root, "docs"), "*.md", SearchOption.AllDirectories),
            .. Directory.GetFiles(Path.Combine(Packed.Root, "src"), "README.md", SearchOption.AllDirectories),
        ];
        HashSet<string> samples = [.. Directory.GetFiles(Path.Combine(Packed.Root, "samples"), "Program.cs", SearchOption.AllDirectories)
            .Select(each => File.ReadAllText(each).Trim())];
        int number = 0;
        foreach (string block in pages.SelectMany(page => Block().Matches(File.ReadAllText(page)).Select(match => match.Groups[1].Value)))
        {
            if (samples.Add(block.Trim()) && !block.Contains("builder.Services", StringComparison.Ordinal)) // A part of a program.
                yield return ($"Page{++number}", block);
        }
    }

    private static string Project() => $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <AllowUnsafeBlocks>true</AllowUnsafeBlocks>
            <NuGetAudit>false</NuGetAudit>
            <InvariantGlobalization>true</InvariantGlobalization>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
          </PropertyGroup>
          <ItemGroup>
            {string.Concat(s_packages.Select(each => $"""<PackageReference Include="{each}" Version="{Packed.Version}" />"""))}
            {string.Concat(OfOthers().Select(each => $"""<PackageReference Include="{each.Name}" Version="{each.Version}" />"""))}
          </ItemGroup>
        </Project>
        """;

    /// <summary>What samples refer to besides, in the versions of this repository.</summary>
    private static IEnumerable<(string Name, string Version)> OfOthers()
    {
        string[] names =
        [
            "Microsoft.Extensions.Caching.Memory", "Microsoft.Extensions.Hosting", "OpenTelemetry.Exporter.Console",
            "OpenTelemetry.Extensions.Hosting",
        ];
        return Version().Matches(File.ReadAllText(Path.Combine(Packed.Root, "Directory.Packages.props")))
            .Select(match => (match.Groups[1].Value, match.Groups[2].Value)).Where(each => names.Contains(each.Item1));
    }

    [GeneratedRegex(@"^```csharp\n(using [A-Z][\w.]*;.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex("<PackageVersion Include=\"(.*?)\" Version=\"(.*?)\" />")]
    private static partial Regex Version();
}
