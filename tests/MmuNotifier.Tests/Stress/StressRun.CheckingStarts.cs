using System.Collections.Concurrent;

namespace MmuNotifier.Tests.Stress;

/// <content>What must be true when a start has returned, and as long as it has not ended.</content>
internal sealed partial class StressRun
{
    private readonly ConcurrentDictionary<StressToken, StressWholeSpaceNotifier[]> _openTokens = new();
    private int _callbackFailures;
    private int _expectedCallbackFailures;

    internal void ExpectCallbackFailed(int count) => Interlocked.Add(ref _expectedCallbackFailures, count);

    private void CheckCalls(
        StressSnapshot before, StartRecord record, AddressRange range, Func<StressNotifier, bool> isSkipped, Outcome outcome)
    {
        ulong previous = 0;
        bool inherits = false;
        foreach ((_, AddressRange overlap, bool isInherited) in record.Calls)
        {
            Model.Require(range.Contains(overlap), "a callback got an overlap outside of the invalidation");
            Model.Require(isInherited || overlap.Start >= previous, "callbacks were not called in ascending order");
            Model.Require(isInherited || !inherits, "an ordered callback came after an inherited one");
            previous = isInherited ? previous : overlap.Start;
            inherits |= isInherited;
        }

        bool calledAll = outcome == Outcome.Started || (outcome == Outcome.Failed && record.Refusals == 0);
        foreach ((StressNotifier notifier, AddressRange own) in before.Untouched)
        {
            AddressRange[] calls = [.. record.Calls.Where(call => ReferenceEquals(call.Notifier, notifier)).Select(call => call.Overlap)];
            bool isDue = own.Overlaps(range) && !isSkipped(notifier);
            Model.Require(calls.Length <= (isDue ? 1 : 0), $"an untouched notifier of {own} was called {calls.Length} times for {range}");
            if (isDue && calledAll)
                Model.Require(calls.Length == 1 && calls[0] == own.Intersect(range), $"a notifier of {own} was not called for {range}");
        }
    }

    private void CheckWholeSpaceCalls(StressWholeSpaceNotifier[] before, StartRecord record, Outcome outcome)
    {
        bool calledAll = outcome == Outcome.Started || (outcome == Outcome.Failed && record.Refusals == 0);
        foreach (StressWholeSpaceNotifier notifier in before)
        {
            int calls = record.WholeSpaceCalls.Count(called => ReferenceEquals(called, notifier));
            if (!notifier.IsRemovalBegun)
                Model.Require(calls <= 1 && (calls == 1 || !calledAll), $"a whole-space notifier got {calls} starts of one invalidation");
        }
    }

    /// <summary>A report continues when callbacks throw, and fails their notifiers.</summary>
    private void CheckReport(StartRecord record)
    {
        ExpectCallbackFailed(record.Throws);
        foreach (StressNotifier notifier in record.Failed)
        {
            ReadStatus status = notifier.ReadBeginNoWait().Status;
            Model.Require(
                status is ReadStatus.Failed or ReadStatus.Removed or ReadStatus.Exited, $"a section of a notifier that failed is {status}");
        }
    }

    private void CheckEnded(StressWholeSpaceNotifier[] before, StressToken token)
    {
        foreach (StressWholeSpaceNotifier notifier in before)
            Model.Require(!notifier.HasOpen(token) || notifier.IsRemovalBegun, "an invalidation ended, but not for a whole-space notifier");
    }

    /// <summary>Sections that the invalidation is going to make retry: open over the whole notifier, which meets the range.</summary>
    private static List<ReadSection> OpenSections(StressSnapshot snapshot, AddressRange range)
    {
        List<ReadSection> sections = [];
        foreach ((StressNotifier notifier, _, _) in snapshot.Entries)
        {
            ReadSection section = notifier.ReadBeginNoWait();
            if (section.Status == ReadStatus.Open && notifier.Range.Overlaps(range))
                sections.Add(section); // If the range was another one when the section began, it retries for the edit.
        }

        return sections;
    }

    /// <summary>
    /// An invalidation is open: no entry is left, and no notifier over the range can be read, whatever edits did to it meanwhile.
    /// </summary>
    private void CheckClosed(StressSnapshot snapshot, AddressRange range)
    {
        foreach (StressDevice device in _devices)
            device.RequireEmpty(range, "after a start returned");
        StressRandom.Pause();
        var now = new StressSnapshot(_devices);
        foreach ((StressNotifier notifier, _, _) in snapshot.Entries.Concat(now.Entries))
        {
            ReadSection section = notifier.ReadBeginNoWait();
            AddressRange own = notifier.Range;
            if (section.Status == ReadStatus.Open && own.Overlaps(range))
                Model.Require(section.MustRetry, $"a notifier of {own} can be read while {range} is being invalidated");
        }
    }
}
