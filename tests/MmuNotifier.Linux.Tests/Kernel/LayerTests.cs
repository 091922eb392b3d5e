using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace MmuNotifier.Linux.Tests.Kernel;

/// <summary>Every system call of the Linux projects is in one layer, where tests can make it fail.</summary>
public partial class LayerTests
{
    /// <summary>
    /// The layer, which the tool compiles once more from the same sources, and what is none of it: the C functions of our own library; that
    /// library, which has a runtime of its own and is tested by pipes in the place of its userfaultfd; and the explorer, which models
    /// memory and touches none.
    /// </summary>
    private static readonly string[] s_allowed =
    [
        "MmuNotifier.Linux/Kernel/Syscall.",
        "MmuNotifier.IoUring/Native/UringCalls.cs",
        "MmuNotifier.Linux/FaultHandler/HandlerLibrary.cs",
        "MmuNotifier.FaultHandler/NativeCalls.cs",
        "MmuNotifier.Exploration/",
    ];

    /// <summary>Files of /proc and /sys are read by the layer too. These look at programs, before there is a target.</summary>
    private static readonly string[] s_programs =
        ["MmuNotifier.Processes/Ptrace/ProgramPath.cs", "MmuNotifier.Processes/Ptrace/AttachRefusal.cs"];

    [Fact]
    public void No_call_is_declared_outside_of_the_layer() =>
        Assert.DoesNotContain(
            Sources("MmuNotifier.*"), source => !IsIn(source, s_allowed) && Declaration().IsMatch(File.ReadAllText(source)));

    [Fact]
    public void No_file_is_read_past_the_layer() =>
        Assert.DoesNotContain(
            Sources("MmuNotifier.Linux").Concat(Sources("MmuNotifier.Processes")),
            source => !IsIn(source, s_allowed) && !IsIn(source, s_programs) && FileAccess().IsMatch(File.ReadAllText(source)));

    /// <summary>So that nobody comes past the wrapper that asks whether the call is to fail.</summary>
    [Fact]
    public void Declared_calls_are_private_but_for_those_that_cannot_fail()
    {
        foreach (string source in Sources("MmuNotifier.Linux").Where(source => IsIn(source, s_allowed[..1])))
        {
            foreach (Match declared in OpenDeclaration().Matches(File.ReadAllText(source)))
                Assert.Matches("^(SpawnFileActions|SpawnAttributes|SpawnDescriptorFlags|Yield|Sleep)", declared.Groups[1].Value);
        }
    }

    private static bool IsIn(string source, string[] places) =>
        Array.Exists(places, place => source.Contains("/src/" + place, StringComparison.Ordinal));

    private static IEnumerable<string> Sources(string projects, [CallerFilePath] string here = "")
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../src"));
        return Directory.EnumerateDirectories(root, projects)
            .SelectMany(project => Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories))
            .Where(source => !source.Contains("/obj/", StringComparison.Ordinal) && !source.Contains("/bin/", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\[(LibraryImport|DllImport)\(")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\b(File|Directory)\.(Read|Open|Enumerate|Get|Exists)|new (FileInfo|DirectoryInfo|FileStream)\(")]
    private static partial Regex FileAccess();

    [GeneratedRegex(@"\[LibraryImport\([^\]]*\]\s+internal static partial \w+ (\w+)")]
    private static partial Regex OpenDeclaration();
}
