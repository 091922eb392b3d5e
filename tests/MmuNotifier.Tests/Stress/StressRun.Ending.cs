using System.Runtime.CompilerServices;

namespace MmuNotifier.Tests.Stress;

/// <content>Exit, and what must be true when all is quiet.</content>
internal sealed partial class StressRun
{
    private volatile bool _exitCalled;
    private volatile bool _exitReturned;

    private void ExitEarly()
    {
        if (_exitsEarly && StressRandom.Chance(10))
            Exit();
    }

    private void Exit()
    {
        _exitCalled = true;
        var before = new StressSnapshot(_devices);
        StressWholeSpaceNotifier[] wholeSpace = WholeSpaceNotifiers();
        StartRecord record = StartRecord.Begin();
        t_depth++;
        bool isFirst = _space.Exit();
        t_depth--;
        StartRecord.End();
        ExpectCallbackFailed(record.Throws);
        Model.Require(!_space.Exit(), "an exit after the first says it is the first");
        if (!isFirst)
            return;
        CheckCalls(before, record, AddressRange.Whole, _ => false, Outcome.Started);
        CheckWholeSpaceCalls(wholeSpace, record, Outcome.Started);
        foreach ((StressNotifier notifier, _, _) in before.Entries)
        {
            ReadStatus status = notifier.ReadBeginNoWait().Status;
            Model.Require(status is ReadStatus.Exited or ReadStatus.Removed, $"after exit a section is {status}");
        }

        _exitReturned = true;
    }

    private void CheckQuiet()
    {
        foreach (FoundNotifier found in _space.Find(AddressRange.Whole))
        {
            IntervalNotifier notifier = found.Notifier;
            ReadStatus status = notifier.ReadBeginNoWait().Status;
            Model.Require(
                status == ReadStatus.Failed || status == (_exitCalled ? ReadStatus.Exited : ReadStatus.Open),
                $"after all ended a section is {status}");
            Model.Require(notifier.HasNoCallbacks, "a hit was left linked");
            Model.Require(notifier.ReadWaiters.IsEmpty && notifier.Removal is null, "a waiter was left queued");
        }

        Model.Require(_space.Active.Find(AddressRange.Whole, originSection: 0, out _) is null, "an invalidation was left active");
        Model.Require(Removals(_space).Waiters.IsEmpty, "a waiter for Synchronize was left queued");
        Model.Require(
            Tree(_space).Count == _devices.Sum(device => device.Notifiers.Count), "the tree has not the notifiers that are there");
        using (Lock(_space).Hold())
            Tree(_space).AssertInvariants();
        for (int page = 0; page < StressModel.Pages; page++)
        {
            foreach (StressDevice device in _devices)
                device.Access(page);
        }
    }

    private void CheckRemoval()
    {
        foreach (StressDevice device in _devices)
        {
            device.RequireEmpty(AddressRange.Whole, "after exit");
            Model.Require(device.Notifiers.TrueForAll(notifier => notifier.ExitCalls == 1), "a notifier saw not one Release");
        }

        foreach (FoundNotifier found in _space.Find(AddressRange.Whole))
            found.RemoveDeferred();
        foreach (StressWholeSpaceNotifier notifier in Model.WholeSpaceInserted)
            notifier.RemoveDeferred();
        if (!_space.SynchronizeAsync().Wait(Patience.Limit))
            Model.Fail("not everything was released");
        Model.Require(Model.Inserted.All(notifier => notifier.Releases == 1), "a notifier was not released once");
        Model.Require(
            Model.WholeSpaceInserted.All(notifier => notifier is { Releases: 1, Open: 0 }), "a whole-space notifier was not released once");
        Model.Require(
            _callbackFailures == _expectedCallbackFailures,
                $"CallbackFailed was raised {_callbackFailures} times, not {_expectedCallbackFailures}");
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_removals")]
    private static extern ref UnreleasedRemovals Removals(AddressSpace space);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_lock")]
    private static extern ref EngineLock Lock(AddressSpace space);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_tree")]
    private static extern ref IntervalTree Tree(AddressSpace space);
}
