namespace MmuNotifier.Benchmarks.Caches.Sides;

/// <summary>What is measured in a process of its own: see <see cref="SideLoop"/>.</summary>
internal interface ISide
{
    /// <summary>What the side is, in a few words: its first line of output.</summary>
    string Title { get; }

    /// <summary>Answers a question.</summary>
    /// <param name="question">One of <see cref="Question"/>.</param>
    /// <param name="arguments">Its numbers.</param>
    /// <returns>Nanoseconds, or what the question asks for; null if the side knows no such question.</returns>
    double? Answer(string question, ReadOnlySpan<double> arguments);
}
