namespace MmuNotifier.Caching.Redis.Tests.Model;

/// <summary>
/// The log and the leases of strict mode. Any step may come next, so every message may be late or lost and every program may pause for any
/// time. So many of these happen besides: one comes twice; the server is flushed or fails over to a replica that lacks the tail; its log is
/// trimmed; the node's clock misses a tick.
/// </summary>
internal sealed class LeaseModel(LeaseRule left, int faults)
{
    private const sbyte None = LeaseState.None;
    private const sbyte Lease = 2;
    private const sbyte Drift = 1;
    private const sbyte Versions = 2;

    public IEnumerable<(string Step, LeaseState State)> Next(LeaseState s) =>
        TimePasses(s).Concat(Faults(s)).Concat(Synchronise(s)).Concat(Push(s)).Concat(Load(s)).Concat(LookUp(s)).Concat(Invalidate(s));

    private bool Has(LeaseRule rule) => left != rule;

    private bool MayFail(LeaseState s) =>
        (s.HasStoodStill ? 1 : 0) + (s.HasTrimmed ? 1 : 0) + (s.HasNewEpoch ? 1 : 0) + (s.HasDuplicated ? 1 : 0) < faults;

    private IEnumerable<(string Step, LeaseState State)> TimePasses(LeaseState s)
    {
        LeaseState next = s;
        if (s.Invalidation != 0 && s.InvalidationAge < Lease + Drift)
            next.InvalidationAge++;
        if (s.WaitLeft > 0)
            next.WaitLeft--;
        if (!s.HasStoodStill && MayFail(s))
            yield return ("a tick that the node's clock misses", next with { HasStoodStill = true });
        if (s.LeaseLeft > 0)
            next.LeaseLeft--;
        if (s.Sync != 0 && s.SyncAge < Lease)
            next.SyncAge++;
        yield return ("a tick", next);
        if (!Has(LeaseRule.LookupReadsClock) && s.HasLeaseFlag != s.LeaseLeft > 0)
            yield return ("the timer looks at the lease", s with { HasLeaseFlag = s.LeaseLeft > 0 });
    }

    private IEnumerable<(string Step, LeaseState State)> Faults(LeaseState s)
    {
        if (!MayFail(s))
            yield break;
        if (!s.HasTrimmed && s.First <= s.Sequence)
            yield return ("the log is trimmed", s with { HasTrimmed = true, First = (sbyte)(s.Sequence + 1) });
        if (s.HasNewEpoch)
            yield break;
        if (s.Sequence > 0)
            yield return ("FLUSHALL, or the replica is promoted", NewEpoch(s));
        if (Has(LeaseRule.ReplicationId))
            yield break;
        LeaseState copied = s with { SnapshotSequence = s.Sequence, SnapshotAcknowledged = s.Acknowledged };
        if (copied != s)
            yield return ("the replica gets everything", copied);
        if (s.SnapshotSequence < s.Sequence)
        {
            LeaseState promoted = s with { HasNewEpoch = true };
            (promoted.Sequence, promoted.Acknowledged) = (s.SnapshotSequence, s.SnapshotAcknowledged);
            promoted.First = Math.Min(s.First, (sbyte)(s.SnapshotSequence + 1));
            yield return ("the replica is promoted, and nobody sees that", promoted);
        }
    }

    private static LeaseState NewEpoch(LeaseState s)
    {
        (s.Epoch, s.Sequence, s.First, s.IsSettled, s.Acknowledged) = (2, 0, 1, false, None);
        (s.SnapshotSequence, s.SnapshotAcknowledged, s.HasNewEpoch) = (0, None, true);
        return s;
    }

    private IEnumerable<(string Step, LeaseState State)> Synchronise(LeaseState s)
    {
        switch (s.Sync)
        {
            case 0 when s.ToApply == None:
                LeaseState sent = s with { Sync = 1 };
                (sent.SyncPosition, sent.SyncEpoch) = (s.Position, s.NodeEpoch);
                yield return ("the node sends a renewal", sent);
                break;
            case 1:
                yield return ("the renewal is lost", Settle(s));
                LeaseState at = s;
                bool isKnown = s.SyncEpoch == s.Epoch;
                at.Sync = 2;
                at.HasRenewedSince = s.Invalidation > 1;
                at.Acknowledged = isKnown ? s.SyncPosition : (sbyte)0;
                (at.ReplyEpoch, at.ReplySequence) = (s.Epoch, s.Sequence);
                at.ReplyHasGap = isKnown && (s.First > s.SyncPosition + 1 || s.Sequence < s.SyncPosition);
                yield return ("the server renews", at);
                break;
            case 2:
                yield return ("the answer is lost", Settle(s));
                yield return ("the node gets the answer", Settle(Answer(s)));
                if (!s.HasDuplicated && MayFail(s))
                    yield return ("the node gets the answer, which comes again", Answer(s) with { HasDuplicated = true });
                break;
        }

        if (s.ToApply != None)
            yield return ("the node applies what it got", Apply(s, s.ToApply) with { ToApply = None });
    }

    private static LeaseState Settle(LeaseState s)
    {
        (s.Sync, s.SyncAge, s.SyncPosition, s.SyncEpoch) = (0, 0, 0, 0);
        (s.ReplyEpoch, s.ReplySequence, s.ReplyHasGap) = (0, 0, false);
        return s;
    }

    private LeaseState Answer(LeaseState s)
    {
        sbyte lease = (sbyte)(Has(LeaseRule.LeaseFromSend) ? Lease - s.SyncAge : Lease);
        bool isOther = s.ReplyEpoch != s.NodeEpoch;
        if ((isOther && Has(LeaseRule.EpochForgets)) || (!isOther && s.ReplyHasGap && Has(LeaseRule.GapForgets)))
            s = Forget(s);
        if (isOther)
            (s.NodeEpoch, s.Position) = (s.ReplyEpoch, s.ReplySequence);
        else if (s.ReplyHasGap)
            s.Position = s.ReplySequence;
        else if (s.ReplySequence > s.Position && Has(LeaseRule.LeaseAfterApplying))
            s = Apply(s, s.ReplySequence);
        else if (s.ReplySequence > s.Position)
            s.ToApply = s.ReplySequence;
        s.LeaseLeft = Math.Max(s.LeaseLeft, lease);
        return s;
    }

    private static LeaseState Forget(LeaseState s)
    {
        s.Entry = None;
        s.IsLoadDead = s.Load != None;
        return s;
    }

    private LeaseState Apply(LeaseState s, sbyte sequence)
    {
        s.Entry = None;
        if (Has(LeaseRule.LoadsCollide))
            s = Forget(s);
        s.Position = sequence;
        return s;
    }

    private IEnumerable<(string Step, LeaseState State)> Push(LeaseState s)
    {
        if (s.Pushed == 0)
            yield break;
        LeaseState without = s with { Pushed = 0, PushedEpoch = 0 };
        yield return ("a pushed entry is lost", without);
        bool isNext = Has(LeaseRule.DensePositions) ? s.Pushed == s.Position + 1 : s.Pushed > s.Position;
        if (s.PushedEpoch != s.NodeEpoch || !isNext)
            yield break;
        yield return ("the node applies a pushed entry", Pushed(without, s));
        if (!s.HasDuplicated && MayFail(s))
            yield return ("the node applies a pushed entry, which comes again", Pushed(s, s) with { HasDuplicated = true });
    }

    private LeaseState Pushed(LeaseState s, LeaseState from) =>
        from.Pushed % 2 == 1 ? Apply(s, from.Pushed) : s with { Position = from.Pushed };

    private static IEnumerable<(string Step, LeaseState State)> Load(LeaseState s)
    {
        if (s.Load == None && s.Entry == None)
            yield return ("the node begins to load", s with { Load = s.Source, IsLoadDead = false });
        if (s.Load != None)
        {
            sbyte kept = s.IsLoadDead ? s.Entry : s.Load;
            yield return ("the load returns", s with { Load = None, IsLoadDead = false, Entry = kept });
        }
    }

    private IEnumerable<(string Step, LeaseState State)> LookUp(LeaseState s)
    {
        bool hasLease = Has(LeaseRule.LookupReadsClock) ? s.LeaseLeft > 0 : s.HasLeaseFlag;
        sbyte found = s.Entry != None ? s.Entry : s.Load != None && !s.IsLoadDead ? s.Load : None;
        LeaseState done = s with { Lookup = 0, LookupAtLeast = 0, LookupValue = None };
        switch (s.Lookup)
        {
            case 0 when s.Returned > 0: // Before that no value is stale.
                yield return ("a lookup begins", s with { Lookup = 1, LookupAtLeast = s.Returned });
                break;
            case 1 when Has(LeaseRule.LeaseBeforeEntry):
                if (hasLease)
                    yield return ("the lookup finds a lease", s with { Lookup = 2 });
                else if (!Has(LeaseRule.NoJoinWithoutLease) && s.Load != None && !s.IsLoadDead)
                    yield return ("the lookup joins a load without a lease", Serve(done, s, s.Load));
                else
                    yield return ("the lookup loads alone", done);
                break;
            case 1:
                if (found != None)
                    yield return ("the lookup reads the entry first", s with { Lookup = 2, LookupValue = found });
                break;
            case 2 when Has(LeaseRule.LeaseBeforeEntry):
                yield return found == None ? ("the lookup loads", done) : ("the lookup gets a value", Serve(done, s, found));
                break;
            case 2:
                yield return hasLease ? ("the lookup finds a lease then", Serve(done, s, s.LookupValue)) : ("no lease", done);
                break;
        }
    }

    private static LeaseState Serve(LeaseState done, LeaseState s, sbyte value) => done with { IsStale = value < s.LookupAtLeast };

    private IEnumerable<(string Step, LeaseState State)> Invalidate(LeaseState s)
    {
        if (s.Sequence % 2 == 1)
        {
            LeaseState other = s with { Sequence = (sbyte)(s.Sequence + 1) };
            (other.Pushed, other.PushedEpoch) = (other.Sequence, s.Epoch);
            yield return ("an entry about another name is appended", other);
        }

        switch (s.Invalidation)
        {
            case 0 when s.Source < Versions:
                LeaseState sent = s with { Source = (sbyte)(s.Source + 1) };
                sent.Invalidation = (sbyte)(Has(LeaseRule.HoldersWithAppend) ? 2 : 1);
                yield return ("the source changes, an invalidation is sent", sent);
                break;
            case 1:
                yield return ("the holders are read before the entry is appended", ReadHolders(s) with { Invalidation = 2 });
                break;
            case 2:
                yield return ("the server appends the entry", Append(s));
                break;
            case 3:
                sbyte wait = (sbyte)Math.Max(0, Wait - (Has(LeaseRule.WaitFromReply) ? 0 : s.InvalidationAge));
                yield return ("the invalidator gets the answer", s with { Invalidation = 4, WaitLeft = wait });
                break;
            case 4:
                bool isAcknowledged = (s.WasSettled || !Has(LeaseRule.UnsettledEpochWaits))
                    && (!s.WereHolders
                        || (s.Epoch == s.InvalidationEpoch && s.Acknowledged >= s.InvalidationSequence));
                if (isAcknowledged || s.WaitLeft == 0)
                    yield return ("the invalidation returns", Return(s, s.WaitLeft == 0));
                if (!Has(LeaseRule.WaitIsWhole))
                    yield return ("the invalidator loses its patience", Return(s, hasWaited: false));
                break;
        }
    }

    private sbyte Wait => (sbyte)(Lease + (Has(LeaseRule.WaitIncludesDrift) ? Drift : 0));

    /// <summary>Odd numbers are about the name that is kept. Another name may have taken the even one, unseen.</summary>
    private LeaseState Append(LeaseState s)
    {
        s.Sequence += (sbyte)(s.Sequence % 2 == 1 ? 2 : 1);
        (s.Pushed, s.PushedEpoch) = (s.Sequence, s.Epoch);
        if (Has(LeaseRule.HoldersWithAppend))
            s = ReadHolders(s);
        (s.InvalidationEpoch, s.InvalidationSequence, s.Invalidation) = (s.Epoch, s.Sequence, 3);
        return s;
    }

    private static LeaseState ReadHolders(LeaseState s)
    {
        (s.WereHolders, s.HasRenewedSince, s.WasSettled) = (s.Acknowledged != None, false, s.IsSettled);
        return s;
    }

    private LeaseState Return(LeaseState s, bool hasWaited)
    {
        if (hasWaited && s.Epoch == s.InvalidationEpoch)
        {
            s.IsSettled = true;
            if (!s.HasRenewedSince || !Has(LeaseRule.ExpelOnlySilent))
                s.Acknowledged = None;
        }

        (s.Returned, s.Invalidation, s.InvalidationAge, s.InvalidationEpoch, s.InvalidationSequence) = (s.Source, 0, 0, 0, 0);
        (s.WereHolders, s.HasRenewedSince, s.WasSettled, s.WaitLeft) = (false, false, false, 0);
        return s;
    }
}
