using System.Runtime.CompilerServices;

namespace MmuNotifier.Exploration.Tests;

/// <summary>The timeline in docs/explore.md is a real one: its replay draws it line by line.</summary>
public sealed class TimelineInDocumentationTests
{
    private const string Again = "again: mmun lab explore --replay ";

    [Fact]
    public void Replay_draws_what_the_document_shows()
    {
        string[] document = [.. File.ReadLines(Document()).Select(line => line.TrimEnd())];
        string replay = document.Single(line => line.StartsWith(Again, StringComparison.Ordinal))[Again.Length..];
        Assert.True(DriverExploration.TryReplay(replay, out ExplorationFailure? failure));
        string[] drawn = [.. failure!.Timeline.TrimEnd().Split('\n').Select(line => line.TrimEnd())];
        int first = Array.IndexOf(document, drawn[0]);
        Assert.True(first >= 0, failure.Timeline);
        Assert.Equal(drawn, document[first..(first + drawn.Length)]);
    }

    private static string Document([CallerFilePath] string path = "") =>
        Path.Combine(Path.GetDirectoryName(path)!, "../../docs/explore.md");
}
