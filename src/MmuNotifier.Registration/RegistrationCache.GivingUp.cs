namespace MmuNotifier.Registration;

/// <content>What the cache gives up when the provider lacks locked memory, slots or keys.</content>
public sealed partial class RegistrationCache<TRegistration>
{
    /// <summary>
    /// Doubling reaches any size by then. The limit is needed because other threads may take what was given up each time.
    /// </summary>
    private const int MaxGivingUps = 32;

    private static readonly TimeSpan s_longestWaitForRelease = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Releases what is due, or evicts what is kept and not in use; if there is neither, waits for another thread that is releasing
    /// something.
    /// </summary>
    /// <param name="wanted">How many bytes to evict, as far as so many are kept.</param>
    /// <returns>False: nothing was released, so a further attempt would fail too.</returns>
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

    /// <summary>Takes out what is kept and not in use, starting with what was not used lately.</summary>
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
