using System.Diagnostics;

namespace MmuNotifier.Registration;

/// <content>For providers that take no two registrations which share a page.</content>
public sealed partial class RegistrationCache<TRegistration>
{
    /// <summary>
    /// Claims the pages of an entry before the provider registers them. Removes the entries there that nobody uses, and waits for those in
    /// use. It waits under no lock and holds no other claim, so two calls never wait for each other's claim.
    /// </summary>
    /// <returns>False if another thread has registered the range meanwhile; the lease is then one of that registration.</returns>
    private bool TryClaim(EntryNotifier<TRegistration> notifier, out RegistrationLease<TRegistration> lease)
    {
        lease = default;
        if (_claims is null)
            return true;
        AddressRange range = notifier.Entry.Range;
        AddressRange pages = ClaimedRanges.PagesOf(range);
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            long changes = _claims.Changes;
            if (_claims.TryClaim(pages))
                break;
            if (TryHitUpToDate(range, out lease))
                return false;
            if (TryMakeWay(pages) && _claims.TryClaim(pages))
                break;
            TimeSpan left = _options.OverlapTimeout - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero || ProviderCalls.IsInside(this))
                throw new RegistrationOverlapException($"{range} overlaps a registration that is in use: end its lease first.");
            _claims.Await(changes, left);
        }

        notifier.HasClaim = true;
        return true;
    }

    private bool TryHitUpToDate(AddressRange range, out RegistrationLease<TRegistration> lease)
    {
        lease = default;
        if (_watch.Failure is not null)
            return false;
        CatchUp();
        return TryHit(range, mayRelease: true, out lease) || TryHitCovering(range, mayRelease: true, out lease);
    }

    /// <summary>Takes out and releases what is kept there, and releases what is due.</summary>
    /// <returns>Whether anything was released.</returns>
    private bool TryMakeWay(AddressRange pages)
    {
        List<EntryNotifier<TRegistration>>? own;
        using (_lock.Hold())
        {
            EntryNotifier<TRegistration>? previous = _releases.LastRetired;
            foreach (FoundNotifier found in _watch.Space.Find(pages))
            {
                // One that is being registered is not taken out: it may be what this call looks for.
                if (found.Notifier is EntryNotifier<TRegistration> { Entry.IsValid: true } notifier
                    && ReferenceEquals(notifier.Cache, this))
                    TryRetire(notifier, RetirementReason.Replaced);
            }

            own = TakeOwn(previous);
        }

        ReleaseOwn(own);
        bool hasReleased = own is not null;
        while (TryReleaseOne())
            hasReleased = true;
        return hasReleased;
    }

    /// <summary>Called by the only thread that has the entry, after the provider has released it.</summary>
    private void EndClaim(EntryNotifier<TRegistration> notifier)
    {
        if (!notifier.HasClaim)
            return;
        notifier.HasClaim = false;
        _claims!.End(ClaimedRanges.PagesOf(notifier.Entry.Range));
    }
}
