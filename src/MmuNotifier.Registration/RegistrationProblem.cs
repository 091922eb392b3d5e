namespace MmuNotifier.Registration;

/// <summary>What went wrong where nobody could be thrown to.</summary>
public enum RegistrationProblem
{
    /// <summary>The watch cannot tell of changes any more: nothing is cached from now on. Told once.</summary>
    WatchFailed,

    /// <summary>The provider's Release threw; it is not called again for that registration.</summary>
    ReleaseFailed,

    /// <summary>The provider's TrySplit threw; the rest is registered anew when it is asked for.</summary>
    SplitFailed,

    /// <summary>
    /// Memory cannot be watched (vdso, what another userfaultfd of the process watches...), so its registration is not kept. Told once for
    /// each range.
    /// </summary>
    NotWatchable,
}
