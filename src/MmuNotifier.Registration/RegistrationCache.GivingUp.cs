namespace MmuNotifier.Registration;

/// <content>What is given up so that a caller is not refused for want of locked memory, slots or keys.</content>
public sealed partial class RegistrationCache<TRegistration>
{
    /// <summary>Doubling gets anywhere by then; other threads may take each time what was given up.</summary>
    private const int MaxGivingUps = 32;

    private static readonly TimeSpan s_longestWaitForRelease = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gives up what is worth nothing any more, else what is kept and not used, else waits until another thread has released what it is just
    /// releasing.
    /// </summary>
    /// <param name="wanted">So many bytes of what is kept, if it is so much.</param>
    /// <returns>False: nothing was released, so it is no use to try again.</returns>
    private bool TryGiveUp(long wanted)
    {
        if (ProviderCalls.IsReleasing)
            return false;
        long released = Volatile.Read(ref _released);
        if (TryReleaseOne())
        {
            while (TryReleaseOne())
            {
            }

            return true;
        }

        List<EntryNotifier<TRegistration>>? own;
        using (_lock.Hold())
        {
            EntryNotifier<TRegistration>? previous = _retired.First;
            EvictIdle(wanted);
            own = TakeOwn(previous);
        }

        if (own is not null)
        {
            ReleaseOwn(own);
            return true;
        }

        WaitForReleases(() => Volatile.Read(ref _released) != released || !IsReleasingElsewhere, s_longestWaitForRelease);
        return Volatile.Read(ref _released) != released;
    }

    /// <summary>Under the lock: takes out what is kept and not in use, what was not used lately first.</summary>
    private void EvictIdle(long wanted)
    {
        _holds.MarkHeld(++_look);
        long least = _bytes > wanted ? _bytes - wanted : 0;
        for (long steps = 2L * _count; steps > 0 && _bytes > least; steps--)
            TryEvictAtHand();
    }

    private bool IsReleasingElsewhere
    {
        get
        {
            using (_lock.Hold())
                return _releasing > 0;
        }
    }
}
