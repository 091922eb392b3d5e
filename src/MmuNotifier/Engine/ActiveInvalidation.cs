namespace MmuNotifier;

/// <summary>
/// An invalidation from its start to its end. Pooled by its address space; <see cref="Generation"/> tells the uses apart. All fields are
/// guarded by the engine lock, but the walking thread alone reads its ordered hits and exceptions without it.
/// </summary>
internal sealed class ActiveInvalidation(AddressSpace space)
{
    private Hit[] _hits = [];

    public AddressSpace Space { get; } = space;

    /// <summary>Distinguishes one use of this pooled object from the next; bumped when the invalidation ends.</summary>
    public long Generation { get; private set; }

    public AddressRange Range { get; private set; }

    public InvalidationEvent Event { get; private set; }

    public object? Owner { get; private set; }

    public InvalidationOrigin? Origin { get; private set; }

    public bool IsBlockable { get; private set; }

    /// <summary>Whether it reports a change that is already made, and so can neither be refused nor throw.</summary>
    public bool IsReport { get; private set; }

    /// <summary>Set when a callback answered "would block": from then on nobody inherits this invalidation.</summary>
    public bool IsRefused { get; set; }

    public int HitCount { get; private set; }

    /// <summary>How many hits were fixed at the linearisation point; those behind them are inherited.</summary>
    public int OrderedHitCount { get; private set; }

    /// <summary>How many whole-space pairs were fixed at the linearisation point; those behind them are of later registrations.</summary>
    public int OrderedWholeSpaceCount { get; private set; }

    public int SecondStepCount { get; set; }

    /// <summary>Calls to whole-space notifiers, in registration order; those that register meanwhile append theirs.</summary>
    public List<WholeSpaceHit> WholeSpaceHits { get; } = [];

    public List<Exception>? Exceptions { get; set; }

    public ActiveInvalidation? Previous { get; set; }

    public ActiveInvalidation? Next { get; set; }

    public void Reset(AddressRange range, InvalidationEvent invalidationEvent, in InvalidationTerms terms)
    {
        Range = range;
        Event = invalidationEvent;
        Owner = terms.Owner;
        Origin = terms.Origin;
        IsBlockable = terms.IsBlockable;
        IsReport = terms.IsReport;
        IsRefused = false;
        SecondStepCount = 0;
        Exceptions = null;
    }

    public void FixOrder()
    {
        OrderedHitCount = HitCount;
        OrderedWholeSpaceCount = WholeSpaceHits.Count;
    }

    /// <summary>Makes every scope of this use an ended one.</summary>
    public void MarkEnding() => Generation++;

    public void Retire()
    {
        Generation++;
        Owner = null;
        Origin = null;
        WholeSpaceHits.Clear();
    }

    public Hit HitAt(int index) => _hits[index];

    public void AddHit(IntervalNotifier notifier, AddressRange overlap, bool isInherited)
    {
        if (HitCount == _hits.Length)
            GrowHits();
        Hit hit = _hits[HitCount++];
        hit.Reset(notifier, overlap, isInherited);
        notifier.LinkHit(hit);
    }

    /// <summary>The inherited call of <paramref name="notifier"/> that has not begun, if there is one.</summary>
    public Hit? FindPendingInheritedHit(IntervalNotifier notifier)
    {
        for (Hit? hit = notifier.FirstHit; hit is not null; hit = hit.NextOfNotifier)
        {
            if (ReferenceEquals(hit.Invalidation, this) && hit.IsInherited && hit.Phase == HitPhase.Pending)
                return hit;
        }

        return null;
    }

    public void ClearHits()
    {
        for (int i = 0; i < HitCount; i++)
        {
            _hits[i].Notifier = null;
            _hits[i].SecondStep = null;
        }

        HitCount = 0;
    }

    /// <summary>Who is not called for a migration or exclusive access that it asked for itself (contract item 3).</summary>
    public bool SkipsCallbackOf(IntervalNotifier notifier) =>
        Owner is not null
        && Event is InvalidationEvent.Migrate or InvalidationEvent.Exclusive
        && ReferenceEquals(Owner, notifier.Owner);

    /// <remarks>
    /// The walker may be reading the old array: it sees the very same hits there, and those beyond its ordered part it reads under the
    /// lock.
    /// </remarks>
    private void GrowHits()
    {
        var grown = new Hit[Math.Max(4, _hits.Length * 2)];
        _hits.CopyTo(grown, 0);
        for (int i = _hits.Length; i < grown.Length; i++)
            grown[i] = new Hit(this);
        _hits = grown;
    }
}
