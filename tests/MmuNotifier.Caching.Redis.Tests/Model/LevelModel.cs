namespace MmuNotifier.Caching.Redis.Tests.Model;

/// <summary>The second level. Any step may come next. A failover keeps what is stored, and begins a new epoch.</summary>
internal sealed class LevelModel(LevelRule left)
{
    private const sbyte None = LevelState.None;
    private const sbyte Versions = 3;

    public IEnumerable<(string Step, LevelState State)> Next(LevelState s)
    {
        if (s.Source < Versions && s.Log == s.Source)
            yield return ("the source changes", s with { Source = (sbyte)(s.Source + 1) });
        if (s.Log < s.Source)
            yield return ("the invalidation is appended", s with { Log = s.Source });
        if (!s.HasNewEpoch && s.Log > 0)
            yield return ("a failover, a new epoch", s with { Epoch = 2, EpochBase = s.Log, HasNewEpoch = true });
        foreach ((string Step, LevelState State) each in Write(s).Concat(Apply(s)).Concat(Read(s)))
            yield return (each.Step, each.State with { IsStale = each.State.Entry != None && each.State.Entry < each.State.Applied });
    }

    private bool Has(LevelRule rule) => left != rule;

    /// <summary>Sequences within an epoch begin at 0.</summary>
    private static sbyte In(LevelState s, sbyte epoch, sbyte position) => (sbyte)(position - (epoch == 2 ? s.EpochBase : 0));

    private IEnumerable<(string Step, LevelState State)> Write(LevelState s)
    {
        if (s.WriterEpoch != s.Epoch)
            yield return ("the writer learns of the epoch", s with { WriterEpoch = s.Epoch, WriterPosition = s.EpochBase });
        else if (s.WriterPosition < s.Log)
            yield return ("the writer applies an entry", s with { WriterPosition = (sbyte)(s.WriterPosition + 1) });
        if (!s.WriterBegan)
        {
            LevelState began = s with { WriterBegan = true, WriterStampEpoch = s.WriterEpoch };
            yield return ("the writer begins a load", began with { WriterStamp = In(s, s.WriterEpoch, s.WriterPosition) });
        }
        else if (s.WriterValue == None)
        {
            yield return ("the writer reads the source", s with { WriterValue = s.Source });
        }
        else
        {
            LevelState stored = s with { Stored = s.WriterValue, StampEpoch = s.WriterStampEpoch, Stamp = s.WriterStamp };
            if (!Has(LevelRule.StampFromBegin))
                (stored.StampEpoch, stored.Stamp) = (s.WriterEpoch, In(s, s.WriterEpoch, s.WriterPosition));
            (stored.WriterBegan, stored.WriterValue, stored.WriterStampEpoch, stored.WriterStamp) = (false, None, 0, 0);
            yield return ("the writer stores its value", stored);
        }
    }

    /// <summary>Two steps, in this order: recorded, applied.</summary>
    private IEnumerable<(string Step, LevelState State)> Apply(LevelState s)
    {
        if (s.ReaderEpoch != s.Epoch)
        {
            LevelState begun = s with { ReaderEpoch = s.Epoch, Entry = None, IsAttemptDead = s.Attempt != 0 };
            (begun.Recorded, begun.Applied, begun.Floor) = (s.EpochBase, s.EpochBase, s.EpochBase);
            yield return ("the reader learns of the epoch and forgets", begun);
            yield break;
        }

        if (!s.HasForgotten && s.Recorded > s.Floor && s.Recorded == s.Applied)
            yield return ("the reader's index drops what it remembers", s with { HasForgotten = true, Floor = s.Recorded });
        bool recordsFirst = Has(LevelRule.RecordBeforeApplying);
        sbyte next = (sbyte)(Math.Min(s.Recorded, s.Applied) + 1);
        if (next > s.Log)
            yield break;
        if (recordsFirst ? s.Recorded < next : s.Applied == next && s.Recorded < next)
            yield return ("the reader records an entry", s with { Recorded = next });
        if (recordsFirst ? s.Recorded == next : s.Applied < next)
        {
            LevelState applied = s with { Applied = next, Entry = None };
            applied.IsAttemptDead = s.Attempt != 0 && (s.IsAttemptDead || Has(LevelRule.ReaderCollides));
            yield return ("the reader applies an entry", applied);
        }
    }

    private IEnumerable<(string Step, LevelState State)> Read(LevelState s)
    {
        bool beginsFirst = Has(LevelRule.CheckInsideSection);
        LevelState done = s with { Attempt = 0, AttemptValue = None, IsAttemptDead = false, WasProved = false };
        switch (s.Attempt)
        {
            case 0 when s.Entry == None && s.Stored != None:
                yield return beginsFirst
                    ? ("the reader begins a section", s with { Attempt = 1 })
                    : ("the reader checks before its section", Check(s) with { Attempt = 0, WasProved = Proves(s) });
                if (!beginsFirst && s.WasProved)
                    yield return ("the reader begins its section", s with { Attempt = 2 });
                break;
            case 1:
                yield return Proves(s) ? ("the reader finds a value that is proved", Check(s)) : ("the reader refuses the value", done);
                break;
            case 2:
                yield return ("the reader commits", s.IsAttemptDead ? done : done with { Entry = s.AttemptValue });
                break;
        }
    }

    private static LevelState Check(LevelState s) => s with { Attempt = 2, AttemptValue = s.Stored };

    private bool Proves(LevelState s)
    {
        if (!Has(LevelRule.StampIsChecked))
            return true;
        if (Has(LevelRule.StampHasEpoch) && s.StampEpoch != s.ReaderEpoch)
            return false;
        sbyte floor = In(s, s.ReaderEpoch, s.Floor);
        sbyte last = In(s, s.ReaderEpoch, s.Recorded);
        if (s.Stamp < floor)
            return !Has(LevelRule.FloorRefuses);
        return s.Stamp >= last || last == floor;
    }
}
