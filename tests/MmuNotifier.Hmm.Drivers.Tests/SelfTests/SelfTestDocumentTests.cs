using System.Runtime.CompilerServices;
using MmuNotifier.Hmm.Drivers.SelfTests;

namespace MmuNotifier.Hmm.Drivers.Tests.SelfTests;

public class SelfTestDocumentTests
{
    [Fact]
    public void The_document_lists_just_the_scenarios_there_are()
    {
        IEnumerable<string> rows = File.ReadLines(Path.Combine(Root(), "docs", "selftest.md"))
            .Where(line => line.StartsWith("| hmm", StringComparison.Ordinal))
            .Select(line => string.Join('|', line.Split('|')[..3]) + "|");
        IEnumerable<string> expected = SelfTestList.All.Select(test => test.Name.Split('.'))
            .Select(parts => $"| {parts[0]} | {parts[2]} |").Distinct();
        Assert.Equal(expected, rows);
    }

    private static string Root([CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "..", "..", ".."));
}
