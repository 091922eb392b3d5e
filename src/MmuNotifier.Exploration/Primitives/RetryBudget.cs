namespace MmuNotifier.Hmm.Drivers;

/// <summary>Stands in for src/MmuNotifier.Hmm.Drivers/RetryBudget.cs: in a schedule no time passes, so attempts are counted.</summary>
internal struct RetryBudget
{
    private int _attempts;

    public static RetryBudget Start() => new() { _attempts = 32 };

    public bool AllowsAnother() => --_attempts > 0;
}
