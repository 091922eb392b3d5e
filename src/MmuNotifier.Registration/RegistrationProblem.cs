namespace MmuNotifier.Registration;

/// <summary>What went wrong where no caller could get an exception.</summary>
public enum RegistrationProblem
{
    /// <summary>The watch cannot report changes any more: nothing is cached from now on. Reported once.</summary>
    WatchFailed,

    /// <summary>The provider's Release threw; it is not called again for that registration.</summary>
    ReleaseFailed,

    /// <summary>The provider's TrySplit threw; the rest is registered again when a caller asks for it.</summary>
    SplitFailed,

    /// <summary>
    /// Memory cannot be watched (vdso, what another userfaultfd of the process watches...), so its registration is not kept. Reported once
    /// for each range.
    /// </summary>
    NotWatchable,
}
