using MmuNotifier.Tool.Reporting;

namespace MmuNotifier.Tool.Reports;

/// <summary>The rows of the tables that a report has: the answers to its questions, each with the worst first.</summary>
internal sealed class Findings
{
    private const long LeastUntouchedPages = 16;

    /// <summary>How many rows a table of text has at most.</summary>
    internal const int MostRows = 10;

    internal Findings(RecordingAnalysis analysis)
    {
        Growing = [.. Grown(analysis).Where(each => each.Growth is { Pages: > 0, Shape: not GrowthShape.Flat })
            .OrderByDescending(each => each.Growth.Pages)];
        Written = [.. analysis.Stories.Where(story => story.WrittenPages > 0).OrderByDescending(story => story.WrittenPages)];
        Untouched = [.. analysis.NeverTouched.Where(story => story.MostSizePages >= LeastUntouchedPages)];
        Churning = [.. analysis.Churn.Where(each => each.Times > 1)];
        NotSeen = [.. analysis.NotSeen.OrderByDescending(story => story.MostSizePages)];
    }

    /// <summary>Mappings that grow, and names of which more and more mappings are made.</summary>
    internal IReadOnlyList<GrownMemory> Growing { get; }

    internal IReadOnlyList<MappingStory> Written { get; }

    /// <summary>Mapped, and never in memory at a look.</summary>
    internal IReadOnlyList<MappingStory> Untouched { get; }

    internal IReadOnlyList<Churn> Churning { get; }

    internal IReadOnlyList<MappingStory> NotSeen { get; }

    private static IEnumerable<GrownMemory> Grown(RecordingAnalysis analysis)
    {
        foreach (IGrouping<(string, string), MappingStory> group in analysis.Stories.GroupBy(
            story => (story.Last.Name, MappingText.Permissions(story.Last))))
        {
            List<MappingStory> stories = [.. group];
            List<GrownMemory> single = [.. stories.Where(story => story.MostResidentPages > 0)
                .Select(story => new GrownMemory(story, 1, analysis.GrowthOf([story])))];
            Growth together = analysis.GrowthOf(stories);
            int made = stories.Count(story => story.From > analysis.Course[0].At);
            // Many that are made and kept: no single one grows.
            if (made > 1 && together.Pages > 2 * single.Max(each => (long?)each.Growth.Pages).GetValueOrDefault())
                yield return new GrownMemory(stories[^1], stories.Count, together);
            else
                foreach (GrownMemory each in single)
                    yield return each;
        }
    }
}

/// <summary>A mapping that has grown, or several of one name.</summary>
/// <param name="Story">The mapping, or the last of them.</param>
/// <param name="Mappings">How many.</param>
/// <param name="Growth">Of all of them together.</param>
internal readonly record struct GrownMemory(MappingStory Story, int Mappings, Growth Growth);
