namespace MmuNotifier.Hmm.Drivers;

/// <summary>
/// How long a driver goes on with an access that changes of the address space interrupt. Time bounds it; in exploration builds, where time
/// does not pass, a number of attempts does.
/// </summary>
internal struct RetryBudget
{
#if EXPLORATION
    private int _attempts;

    public static RetryBudget Start() => new() { _attempts = 32 };

    public bool AllowsAnother() => --_attempts > 0;
#else
    private long _deadline;

    public static RetryBudget Start() => new() { _deadline = Environment.TickCount64 + (long)HmmRange.DefaultTimeout.TotalMilliseconds };

    public readonly bool AllowsAnother() => Environment.TickCount64 < _deadline;
#endif
}
