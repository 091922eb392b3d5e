namespace MmuNotifier.Tool.Mirror;

/// <summary>The options of <c>mmun mirror</c>.</summary>
internal sealed record MirrorOptions
{
    /// <summary>The process to attach to; null if a program is launched.</summary>
    internal int? ProcessId { get; init; }

    /// <summary>The program to launch and its arguments; empty if a process is attached to.</summary>
    internal IReadOnlyList<string> Program { get; init; } = [];

    /// <summary>How often the target is frozen and compared; null: only at the end.</summary>
    internal TimeSpan? VerifyEvery { get; init; }

    /// <summary>When to end; null: when the target ends.</summary>
    internal TimeSpan? Duration { get; init; }

    /// <summary>Time between rounds; null: chosen so that the cost to the target stays low.</summary>
    internal TimeSpan? Round { get; init; }

    internal bool FollowChildren { get; init; } = true;

    /// <summary>How long a freeze may take to stop all threads.</summary>
    internal TimeSpan FreezeLimit { get; init; } = TimeSpan.FromSeconds(2);

    internal bool Json { get; init; }

    /// <summary>Called after each step at a target: for tests, in which the target changes there.</summary>
    internal Action<string>? AfterStep { get; init; }
}
