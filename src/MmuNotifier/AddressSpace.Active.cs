namespace MmuNotifier;

/// <content>The invalidations between start and end, and the pool of their objects. All under the engine lock.</content>
public sealed partial class AddressSpace
{
    private ActiveInvalidation? _firstActive;
    private ActiveInvalidation? _spareInvalidation;

    private void List(ActiveInvalidation invalidation)
    {
        invalidation.Previous = null;
        invalidation.Next = _firstActive;
        if (_firstActive is not null)
            _firstActive.Previous = invalidation;
        _firstActive = invalidation;
    }

    private void Unlist(ActiveInvalidation invalidation)
    {
        if (invalidation.Previous is null)
            _firstActive = invalidation.Next;
        else
            invalidation.Previous.Next = invalidation.Next;
        if (invalidation.Next is not null)
            invalidation.Next.Previous = invalidation.Previous;
        invalidation.Previous = null;
        invalidation.Next = null;
    }

    private int CountActive(AddressRange range)
    {
        int count = 0;
        for (ActiveInvalidation? active = _firstActive; active is not null; active = active.Next)
        {
            if (active.Range.Overlaps(range))
                count++;
        }

        return count;
    }

    private ActiveInvalidation Rent()
    {
        if (_spareInvalidation is not { } invalidation)
            return new ActiveInvalidation(this);
        _spareInvalidation = invalidation.Next;
        invalidation.Next = null;
        return invalidation;
    }

    private void Retire(ActiveInvalidation invalidation)
    {
        invalidation.Retire();
        invalidation.Next = _spareInvalidation;
        _spareInvalidation = invalidation;
    }
}
