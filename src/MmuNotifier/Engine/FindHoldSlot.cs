using System.Diagnostics.CodeAnalysis;

namespace MmuNotifier;

/// <summary>Notes a hold of a find, one after another. Written under the engine lock.</summary>
internal sealed class FindHoldSlot
{
    private IntervalNotifier? _notifier;
    private long _number;

    public FindHold Take(IntervalNotifier notifier)
    {
        _notifier = notifier;
        return new FindHold(this, ++_number);
    }

    /// <summary>False if the hold has ended.</summary>
    public bool TryEnd(FindHold hold, [NotNullWhen(true)] out IntervalNotifier? notifier)
    {
        notifier = HeldBy(hold);
        if (notifier is null)
            return false;
        _number++;
        _notifier = null;
        return true;
    }

    public IntervalNotifier? HeldBy(FindHold hold) => hold.Number == _number ? _notifier : null;
}
