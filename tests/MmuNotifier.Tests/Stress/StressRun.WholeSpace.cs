namespace MmuNotifier.Tests.Stress;

/// <content>Whole-space notifiers that come and go.</content>
internal sealed partial class StressRun
{
    private const int MaxWholeSpaceNotifiers = 4;

    private readonly List<StressWholeSpaceNotifier> _wholeSpace = [];

    /// <summary>Those whose insertion has returned and whose removal has not begun.</summary>
    private StressWholeSpaceNotifier[] WholeSpaceNotifiers()
    {
        lock (_wholeSpace)
            return [.. _wholeSpace];
    }

    private void ComeOrGoWholeSpace()
    {
        StressWholeSpaceNotifier[] present = WholeSpaceNotifiers();
        if (present.Length < MaxWholeSpaceNotifiers && StressRandom.Chance(60))
        {
            InsertWholeSpace();
            return;
        }

        if (present.Length == 0)
            return;
        StressWholeSpaceNotifier notifier = present[StressRandom.Current.Next(present.Length)];
        notifier.NoteRemoval();
        lock (_wholeSpace)
            _wholeSpace.Remove(notifier);
        switch (StressRandom.Current.Next(3))
        {
            case 0:
                notifier.RemoveDeferred();
                return;
            case 1:
                notifier.Remove();
                break;
            default:
                notifier.RemoveAsync().GetAwaiter().GetResult();
                break;
        }

        Model.Require(notifier.Open == 0, "a whole-space notifier was removed before its missing ends");
    }

    private void InsertWholeSpace()
    {
        var notifier = new StressWholeSpaceNotifier(this) { Throws = StressRandom.Chance(20) };
        StressToken[] open = [.. _openTokens.Keys];
        bool mustRefuse = _exitReturned;
        StartRecord.BeginRegistration();
        t_depth++;
        bool inserted = _space.TryInsert(notifier);
        t_depth--;
        StartRecord.End();
        Model.Require(inserted ? !mustRefuse : _exitCalled, $"inserted a whole-space notifier: {inserted}, exited before: {mustRefuse}");
        if (!inserted)
            return;
        foreach (StressToken token in open)
            Model.Require(notifier.HasOpen(token) || token.IsEnding, "a registration did not deliver the start of an active invalidation");
        Model.WholeSpaceInserted.Add(notifier);
        lock (_wholeSpace)
            _wholeSpace.Add(notifier);
    }
}
