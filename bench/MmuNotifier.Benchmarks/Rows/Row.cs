namespace MmuNotifier.Benchmarks;

/// <summary>One line of the table.</summary>
internal sealed record Row
{
    internal required string Name { get; init; }

    /// <summary>Notifiers in the address space.</summary>
    internal required long N { get; init; }

    /// <summary>The unit of <see cref="Ours"/> and <see cref="Baseline"/>.</summary>
    internal required string Unit { get; init; }

    internal required double? Ours { get; init; }

    /// <summary>Null if there is none, or if it never came back: then <see cref="BaselineText"/> says so.</summary>
    internal double? Baseline { get; init; }

    internal string? BaselineText { get; init; }

    /// <summary>Whose figure <see cref="Baseline"/> is.</summary>
    internal string Against { get; init; } = KernelAlgorithm;

    internal Spread? Ratio { get; init; }

    internal string RatioOf { get; init; } = "ours / baseline";

    internal Goal? Goal { get; init; }

    /// <summary>Whether the goal is reached; null without a goal.</summary>
    internal bool? Reached { get; init; }

    /// <summary>What the kernel's own C code took on another machine of this kind; quoted, not measured here.</summary>
    internal string? KernelC { get; init; }

    /// <summary>Heap bytes that an operation of ours allocated on the measuring thread, where they were counted.</summary>
    internal double? Bytes { get; init; }

    internal Percentiles? OursLatency { get; init; }

    internal Percentiles? BaselineLatency { get; init; }

    internal string? Note { get; init; }

    internal const string KernelAlgorithm = "the kernel's algorithm in C#";
}
