using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace MmuNotifier.Exploration.Tests;

/// <summary>The overlays that put the seeded defects in (docs/exploration.md, "Adding a seeded defect").</summary>
public sealed partial class OverlayTests : IDisposable
{
    private static readonly string s_root = Path.GetFullPath("../..", Here());

    private static readonly string s_defects = Path.Combine(s_root, "src/MmuNotifier.Exploration/Defects");

    private static readonly string[] s_projects =
        ["MmuNotifier", "MmuNotifier.Hmm", "MmuNotifier.Hmm.Drivers", "MmuNotifier.Simulation", "MmuNotifier.Registration",
            "MmuNotifier.Caching"];

    private static readonly string[] s_errors =
    [
        "Gone.diff(2): error MMUNDEFECT: These lines are not in A.cs",
        "Twice.diff(5): error MMUNDEFECT: These lines are in A.cs more than once, at 2 and 3",
        "error MMUNDEFECT: A.cs(4) is changed by",
        "NoSource.diff(2): error MMUNDEFECT: There is no source",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("mmun-overlays").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_defect_is_in_exactly_one_overlay()
    {
        ILookup<string, string> overlays = Overlays()
            .SelectMany(path => DefectsIn(path).Select(defect => (defect, path)))
            .ToLookup(pair => pair.defect, pair => pair.path);
        foreach (string defect in Enum.GetNames<SeededDefect>().Where(name => name != nameof(SeededDefect.None)))
            Assert.True(overlays[defect].Count() == 1, $"{defect} is in {overlays[defect].Count()} overlays");
    }

    [Fact]
    public void An_overlay_of_one_defect_has_its_name() => Assert.All(
        Overlays().Where(path => DefectsIn(path).Count == 1),
        path => Assert.Equal(Path.GetFileNameWithoutExtension(path), DefectsIn(path).Single()));

    [Fact]
    public void No_source_has_a_defect_or_a_condition_for_the_explorer() => Assert.All(
        s_projects
            .SelectMany(project => Directory.EnumerateFiles(Path.Combine(s_root, "src", project), "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal)),
        path => Assert.DoesNotMatch(@"\bSeeded|\n\s*#if\b|using MmuNotifier\.Exploration", File.ReadAllText(path)));

    [Fact]
    public void Overlays_anchor_and_every_line_keeps_its_number()
    {
        string output = Path.Combine(_folder, "output");
        Assert.Equal((0, ""), Apply(s_defects, Path.Combine(s_root, "src"), output));
        string[] written = Directory.GetFiles(output, "*.cs", SearchOption.AllDirectories);
        Assert.NotEmpty(written);
        foreach (string path in written)
            AssertLinesKeepTheirNumbers(path);
    }

    [Fact]
    public void Overlay_that_does_not_fit_stops_the_build_with_its_place()
    {
        string sources = Directory.CreateDirectory(Path.Combine(_folder, "sources")).FullName;
        File.WriteAllLines(Path.Combine(sources, "A.cs"), ["first", "twice", "twice", "last"]);
        string overlays = Directory.CreateDirectory(Path.Combine(_folder, "overlays")).FullName;
        File.WriteAllLines(Path.Combine(overlays, "Gone.diff"), ["--- A.cs", " first", "-second", "+third"]);
        File.WriteAllLines(Path.Combine(overlays, "Twice.diff"), ["--- A.cs", "-last", "+final", "@@", "-twice", "+once"]);
        File.WriteAllLines(Path.Combine(overlays, "Shared.diff"), ["--- A.cs", " twice", "-last", "+end"]);
        File.WriteAllLines(Path.Combine(overlays, "NoSource.diff"), ["--- B.cs", "-first"]);
        (int code, string errors) = Apply(overlays, sources, Path.Combine(_folder, "output"));
        Assert.NotEqual(0, code);
        Assert.All(s_errors, error => Assert.Contains(error, errors, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Overlays() => Directory.EnumerateFiles(s_defects, "*.diff", SearchOption.AllDirectories);

    private static HashSet<string> DefectsIn(string overlay) =>
    [
        .. File.ReadLines(overlay).Where(line => line.StartsWith('+'))
            .SelectMany(line => Defect().Matches(line)).Select(match => match.Groups[1].Value),
    ];

    /// <summary>Whatever line of the source the compiler takes it for, that is the line; or it is one that an overlay puts in.</summary>
    private static void AssertLinesKeepTheirNumbers(string path)
    {
        string[] source = [];
        HashSet<string> added =
            [.. Overlays().SelectMany(File.ReadLines).Where(line => line.StartsWith('+')).Select(line => line[1..])];
        int number = 0;
        int kept = 0;
        foreach (string line in File.ReadLines(path))
        {
            if (LineNumber().Match(line) is { Success: true } match)
            {
                number = int.Parse(match.Groups[1].Value, provider: null);
                if (match.Groups[2].Success)
                    source = File.ReadAllLines(match.Groups[2].Value);
                continue;
            }

            if (number <= source.Length && line == source[number - 1])
                kept++;
            else
                Assert.True(added.Contains(line), $"{path}: line {number} is {line}");
            number++;
        }

        Assert.True(kept > source.Length / 2);
    }

    /// <summary>Runs the step of the build alone.</summary>
    private (int ExitCode, string Errors) Apply(string overlays, string sources, string output)
    {
        string project = Path.Combine(_folder, "apply.proj");
        File.WriteAllText(
            project,
            $"""
            <Project DefaultTargets="Apply">
              <Import Project="{s_defects}/ApplyDefects.targets" />
              <ItemGroup><Given Include="{overlays}/**/*.diff" /></ItemGroup>
              <Target Name="Apply"><ApplyDefects Overlays="@(Given)" SourceFolder="{sources}/" OutputFolder="{output}/" /></Target>
            </Project>
            """);
        var start = new ProcessStartInfo("dotnet", ["msbuild", project, "-nologo", "-verbosity:quiet", "-nodeReuse:false"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = _folder,
        };
        using Process build = Process.Start(start)!;
        string errors = build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        return (build.ExitCode, errors);
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    [GeneratedRegex(@"SeededDefect\.(\w+)")]
    private static partial Regex Defect();

    [GeneratedRegex("""^#line (\d+)(?: "(.*)")?$""")]
    private static partial Regex LineNumber();
}
