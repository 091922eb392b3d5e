namespace MmuNotifier.Registration;

/// <content>What is given up so that a caller is not refused for want of locked memory, slots or keys.</content>
public sealed partial class RegistrationCache<TRegistration>
{
    /// <summary>Doubling gets anywhere by then; other threads may take each time what was given up.</summary>
    private const int MaxGivingUps = 32;

    private static readonly TimeSpan s_longestWaitForRelease = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gives up what is worth nothing any more, else what is kept and not used, else waits until another thread has released what it is
    /// just releasing.
    /// </summary>
    /// <param name="wanted">So many bytes of what is kept, if it is so much.</param>
    /// <returns>False: nothing was released, so it is no use to try again.</returns>
    private bool TryGiveUp(long wanted)
    {
        if (ProviderCalls.IsReleasing)
            return false;
        long released = _released.Value;
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
            EntryNotifier<TRegistration>? previous = _releases.LastRetired;
            EvictIdle(wanted);
            own = TakeOwn(previous);
        }

        if (own is not null)
        {
            ReleaseOwn(own);
            return true;
        }

        _released.WaitUntil(() => _released.Value != released || !IsReleasingElsewhere, s_longestWaitForRelease);
        return _released.Value != released;
    }

    /// <summary>Takes out what is kept and not in use, what was not used lately first.</summary>
    private void EvictIdle(long wanted)
    {
        _lock.AssertHeld();
        _looks.LookWithoutFence();
        long least = _clock.Bytes > wanted ? _clock.Bytes - wanted : 0;
        for (long steps = 2L * _clock.Count; steps > 0 && _clock.Bytes > least; steps--)
            TryEvictAtHand();
    }

    private bool IsReleasingElsewhere
    {
        get
        {
            using (_lock.Hold())
                return _releases.IsReleasing;
        }
    }
}
