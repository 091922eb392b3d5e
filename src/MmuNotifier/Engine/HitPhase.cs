namespace MmuNotifier;

/// <summary>How far the call of one callback is; see <see cref="Hit"/>.</summary>
internal enum HitPhase
{
    Pending,
    Running,
    SecondStepTaken,
    Done,
    Cancelled,
}
