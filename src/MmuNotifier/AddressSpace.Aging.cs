namespace MmuNotifier;

/// <content>Whether pages were accessed: a question to whole-space notifiers, which invalidates nothing.</content>
public sealed partial class AddressSpace
{
    /// <summary>
    /// Asks whole-space notifiers whether their device has accessed a page of the range since this was last cleared
    /// (<c>mmu_notifier_test_young</c>): what takes pages back takes those that nobody uses. The first that says yes ends it.
    /// </summary>
    /// <param name="range">The pages, bounds inclusive.</param>
    /// <returns>Whether one has. False if there are none; one that throws says nothing, and raises <see cref="CallbackFailed"/>.</returns>
    /// <remarks>
    /// The calls run on this thread, in the order of the insertions, under no lock of the engine; a removal of the notifier waits for its
    /// call. May be called anywhere but under a lock that the calls take. Cost: the calls, and a short lock for each.
    /// </remarks>
    public bool TestYoung(AddressRange range) => AskYoung(range, clears: false);

    /// <summary>
    /// As <see cref="TestYoung"/>, of all of them, and what they say is cleared: pages are not young any more until they are accessed again
    /// (<c>mmu_notifier_clear_young</c>).
    /// </summary>
    /// <param name="range">The pages, bounds inclusive.</param>
    /// <returns>Whether one has accessed one of the pages.</returns>
    public bool ClearYoung(AddressRange range) => AskYoung(range, clears: true);

    private bool AskYoung(AddressRange range, bool clears)
    {
        if (!_pairs.HasNotifiers)
            return false;
        List<WholeSpaceNotifier> asked;
        using (_lock.Hold())
            asked = _pairs.BeginAging();
        bool isYoung = false;
        foreach (WholeSpaceNotifier notifier in asked)
        {
            isYoung |= (clears || !isYoung) && AskYoung(notifier, range, clears);
            using (_lock.Hold())
                _pairs.EndAging(notifier);
        }

        return isYoung;
    }

    private bool AskYoung(WholeSpaceNotifier notifier, AddressRange range, bool clears)
    {
        try
        {
            using (CallFrame.Enter(notifier, CallKind.WholeSpaceAging))
                return clears ? notifier.ClearYoung(range) : notifier.TestYoung(range);
        }
        catch (Exception exception)
        {
            RaiseCallbackFailed(notifier, exception);
            return false;
        }
    }
}
