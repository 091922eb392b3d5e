namespace MmuNotifier.Registration;

/// <content>The end of the cache.</content>
public sealed partial class RegistrationCache<TRegistration>
{
    /// <summary>
    /// Ends the cache: keeps nothing from now on, releases on this thread what is not in use, and waits for the leases in use, up to
    /// <see cref="RegistrationCacheOptions.DrainTimeout"/>. A registration that is still in use then is released when its lease ends.
    /// Inside a call of the provider it does not wait, as the call that it would wait for may be its own. Only the first call of
    /// <see cref="Dispose"/> or <see cref="DisposeAsync"/> has an effect; a later one returns at once. The watch is not disposed.
    /// </summary>
    public void Dispose()
    {
        if (!TryBeginDisposing())
            return;
        try
        {
            Settle();
            if (MayWaitForReleases)
                _released.WaitUntil(() => Metrics.Registrations == 0, _options.DrainTimeout);
        }
        finally
        {
            EndDisposing();
        }
    }

    /// <summary>
    /// Ends the cache as <see cref="Dispose"/> does, but blocks no thread while it waits for the leases in use. The calls of the provider
    /// for what is not in use run on the calling thread, before this returns.
    /// </summary>
    /// <returns>
    /// Completes when everything is released, or after <see cref="RegistrationCacheOptions.DrainTimeout"/>; inside a call of the provider
    /// at once.
    /// </returns>
    public async ValueTask DisposeAsync()
    {
        if (!TryBeginDisposing())
            return;
        try
        {
            Settle();
            if (MayWaitForReleases)
                await _released.WaitUntilAsync(() => Metrics.Registrations == 0, _options.DrainTimeout).ConfigureAwait(false);
        }
        finally
        {
            EndDisposing();
        }
    }

    /// <summary>Whether this thread may wait for releases: inside a call of the provider it may be the one that has to make them.</summary>
    private bool MayWaitForReleases => !ProviderCalls.IsInside(this);

    /// <summary>False: another call has begun it.</summary>
    private bool TryBeginDisposing()
    {
        using (_lock.Hold())
        {
            if (_isDisposed)
                return false;
            Volatile.Write(ref _isDisposed, true);
            RetireAll(RetirementReason.Removed);
            return true;
        }
    }

    private void EndDisposing()
    {
        _worker.Stop();
        ((IDisposable)Metrics).Dispose();
    }
}
