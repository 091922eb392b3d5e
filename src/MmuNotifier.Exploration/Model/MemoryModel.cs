using MmuNotifier.Exploration.Running;

namespace MmuNotifier.Exploration.Model;

// The memory model
//
// An operational model with views: release and acquire, relaxed accesses, full fences; the machine of "promising semantics" without the
// promises. Every location keeps its last writes ("messages") in modification order. Every thread has a view: for each location the oldest
// message that it may still read.
//
//   read       may return any message that is not older than the thread's view of the location (of the last Location.Depth ones); which one
//              is a choice of the explorer. The thread never reads an older one again (coherence). With acquire it takes over the view that
//              the message carries; without, a later full fence does.
//   write      goes to the end of the modification order. With release it carries the thread's view; without, the view that the thread had
//              at its last full fence.
//   read-modify-write  reads the newest message, appends its own directly after it (atomicity), and is a full fence before and after, also
//              when the comparison fails. Weakened by a seeded defect it stays atomic and loses the fences: it then is relaxed, and only
//              passes on the view of the message it replaced (release sequences).
//   full fence joins the thread's view with that of all full fences before, both ways.
//   process-wide fence  a full fence of the caller, then of every other thread, then of the caller, in one step.
//   lock, monitor, start of a thread, end of all threads  pass views on, as release and acquire do.
//
// In the model: store buffering, messages passed without acquire or release, readers of independent writes that disagree, stale reads.
//
// Not in the model:
//   - load buffering (a read that sees a write which depends on it, or a later one of its own thread: reads are never delayed behind
//     later writes) and everything else that needs writes to be promised;
//   - writes that enter the modification order before one that ran earlier (2+2W with plain writes): a write always goes to the end;
//   - messages older than the last Location.Depth of a location;
//   - reorderings by the compiler: .NET makes none that single-word accesses of these primitives could observe and fences do not cover,
//     apart from those above;
//   - fields that are not primitives: they are read and written at once, and no race on them is reported. Data that threads share must be
//     a primitive, or under a lock;
//   - construction: the first value of a location is visible to everybody who can reach it (.NET makes the store of a reference into the
//     heap a release for the fields of the new object);
//   - a struct that is copied after its first access shares its location with the copy (arrays that grow); one that is copied before has
//     its own.

/// <summary>Where the modelled primitives arrive: in a controlled thread of an execution, or outside of all threads.</summary>
/// <remarks>
/// Outside (setup, final check, conditions of <see cref="Explore.WaitUntil"/>, and where nothing is explored) an access is no scheduling
/// point and acts on the newest message.
/// </remarks>
internal static class MemoryModel
{
    [ThreadStatic]
    private static long t_steps;

    [ThreadStatic]
    private static bool t_isCountSuspended;

    /// <summary>
    /// How many accesses and counted steps the calling thread made, outside of all schedules; see <see cref="StepCount"/>.
    /// </summary>
    public static long Steps => t_steps;

    /// <summary>What is between <see cref="SuspendCount"/> and <see cref="ResumeCount"/> does not count.</summary>
    public static void CountStep()
    {
        if (!t_isCountSuspended)
            t_steps++;
    }

    public static void SuspendCount() => t_isCountSuspended = true;

    public static void ResumeCount() => t_isCountSuspended = false;

    public static Message Read(ref Location? slot, bool isAcquire)
    {
        Location location = slot ??= new Location();
        ControlledThread? thread = ControlledThread.Current;
        if (thread is null)
        {
            CountStep();
            Execution.RejectForeignThread();
            return location.NewestMessage;
        }

        if (thread.IsDirect)
            return location.NewestMessage;
        return thread.Execution.Read(thread, location, isAcquire);
    }

    public static void Write(ref Location? slot, long value, object? reference, bool isRelease)
    {
        Location location = slot ??= new Location();
        ControlledThread? thread = ControlledThread.Current;
        if (thread is null)
            Overwrite(location, value, reference);
        else if (thread.IsDirect)
            thread.Execution.WriteDirectly(location, value, reference);
        else
            thread.Execution.Write(thread, location, value, reference, isRelease);
    }

    /// <returns>What the location had; it has the new value if that is the comparand, or if there is none.</returns>
    public static long ReadModifyWrite(ref Location? slot, long value, long? comparand, bool isFenced)
    {
        Location location = slot ??= new Location();
        ControlledThread? thread = ControlledThread.Current;
        if (thread is not null && !thread.IsDirect)
            return thread.Execution.ReadModifyWrite(thread, location, value, comparand, isFenced);
        long old = location.NewestMessage.Value;
        if (comparand is null || comparand == old)
            Write(ref slot, value, reference: null, isRelease: true);
        return old;
    }

    /// <returns>What the location had; it has the new reference if that is the comparand.</returns>
    public static object? ReadModifyWrite(ref Location? slot, object? reference, object? comparand)
    {
        Location location = slot ??= new Location();
        ControlledThread? thread = ControlledThread.Current;
        if (thread is not null && !thread.IsDirect)
            return thread.Execution.ReadModifyWrite(thread, location, reference, comparand, isFenced: true);
        object? old = location.NewestMessage.Reference;
        if (ReferenceEquals(comparand, old))
            Write(ref slot, value: 0, reference, isRelease: true);
        return old;
    }

    /// <summary>A scheduling point that is no access.</summary>
    public static void Pause()
    {
        if (ControlledThread.Current is { IsDirect: false } thread)
            thread.Execution.Yield(thread);
    }

    public static void Fence(bool isProcessWide)
    {
        ControlledThread? thread = ControlledThread.Current;
        if (thread is not null && !thread.IsDirect)
            thread.Execution.Fence(thread, isProcessWide);
    }

    private static void Overwrite(Location location, long value, object? reference)
    {
        CountStep();
        Execution.RejectForeignThread();
        ref Message message = ref location.NewestMessage;
        message.Value = value;
        message.Reference = reference;
    }
}
