using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Diagnostics;

namespace MmuNotifier.Analyzers.Tests;

/// <summary>What every rule has: an analyzer of its own, a page, a line in the tables of rules and in the list of releases.</summary>
public sealed class RuleTests
{
    private static readonly string Repository = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../.."));

    public static TheoryData<string> Ids => [.. Descriptors().Select(descriptor => descriptor.Id)];

    [Fact]
    public void There_are_ten_and_each_has_one_analyzer() =>
        Assert.Equal(
            Enumerable.Range(1, 10).Select(number => $"MMUN{number:000}"),
            Descriptors().Select(descriptor => descriptor.Id).Order());

    [Theory]
    [MemberData(nameof(Ids))]
    public void Has_a_page_that_says_what_why_and_how_to_suppress(string id)
    {
        DiagnosticDescriptor descriptor = Descriptor(id);
        Assert.Equal($"docs/analyzers/{id}.md", descriptor.HelpLinkUri);
        string page = Read(descriptor.HelpLinkUri);
        Assert.StartsWith($"# {id}: {descriptor.Title}", page, StringComparison.Ordinal);
        Assert.All(
            ["## What is wrong", "## Why", "## Example", "## The right way", "## What it does not see", "## How to suppress"],
            heading => Assert.Contains(heading, page, StringComparison.Ordinal));
        Assert.Contains($"dotnet_diagnostic.{id}.severity", page, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Is_listed(string id)
    {
        DiagnosticDescriptor descriptor = Descriptor(id);
        Assert.Contains($"[{id}]({id}.md)", Read("docs/analyzers/README.md"), StringComparison.Ordinal);
        string releases = Read("src/MmuNotifier.Analyzers/AnalyzerReleases.Shipped.md")
            + Read("src/MmuNotifier.Analyzers/AnalyzerReleases.Unshipped.md");
        Assert.Contains($"{id} | {descriptor.Category} | {descriptor.DefaultSeverity} |", releases, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_fix_is_for_a_rule_and_can_fix_all()
    {
        CodeFixProvider[] fixes = [.. All<CodeFixProvider>(typeof(WaitInCallbackFix).Assembly)];
        Assert.Equal(3, fixes.Length);
        Assert.All(fixes, fix =>
        {
            Assert.NotNull(fix.GetFixAllProvider());
            Assert.NotNull(fix.GetType().GetCustomAttribute<ExportCodeFixProviderAttribute>());
            Assert.All(fix.FixableDiagnosticIds, id => Descriptor(id));
        });
    }

    private static DiagnosticDescriptor Descriptor(string id) => Descriptors().Single(descriptor => descriptor.Id == id);

    private static IEnumerable<DiagnosticDescriptor> Descriptors() =>
        All<DiagnosticAnalyzer>(typeof(Rule).Assembly).SelectMany(analyzer => analyzer.SupportedDiagnostics);

    private static IEnumerable<T> All<T>(Assembly assembly) =>
        assembly.GetTypes()
            .Where(type => type.IsAssignableTo(typeof(T)) && !type.IsAbstract)
            .Select(type => (T)Activator.CreateInstance(type)!);

    private static string Read(string path) => File.ReadAllText(Path.Combine(Repository, path));

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
