namespace MmuNotifier.Hmm.Drivers;

/// <summary>How long a driver repeats an access that changes of the address space interrupt.</summary>
internal struct RetryBudget
{
    private long _deadline;

    public static RetryBudget Start() => new() { _deadline = Environment.TickCount64 + (long)HmmRange.DefaultTimeout.TotalMilliseconds };

    public readonly bool AllowsAnother() => Environment.TickCount64 < _deadline;
}
