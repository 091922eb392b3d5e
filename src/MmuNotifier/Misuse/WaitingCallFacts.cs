namespace MmuNotifier;

/// <summary>What a call waits for, and what to do instead of misusing it.</summary>
internal static class WaitingCallFacts
{
    /// <summary>Whether it waits for other threads; else it only runs callbacks, and may be nested.</summary>
    public static bool Waits(this WaitingCall call) => call < WaitingCall.StartInvalidation;

    public static bool IsAwaitable(this WaitingCall call) =>
        call is WaitingCall.ReadBeginAsync or WaitingCall.RemoveAsync or WaitingCall.SynchronizeAsync;

    /// <summary>Whether one that waits may wait for what its thread is inside of. For a find only Synchronize does.</summary>
    public static bool WaitsFor(this WaitingCall call, CallKind kind) => kind != CallKind.Find || call == WaitingCall.Synchronize;

    public static DependencyNode TargetIn(this WaitingCall call, SpaceDependencies space) => call switch
    {
        WaitingCall.Synchronize or WaitingCall.SynchronizeAsync => space.Releases,
        WaitingCall.TryStartInvalidation => space.NonBlockableCalls,
        _ => call.Waits() ? space.Callbacks : space.BlockableCalls,
    };

    public static string Effect(this WaitingCall call) => call switch
    {
        WaitingCall.Synchronize or WaitingCall.SynchronizeAsync => "waits for the callbacks, finds and Released handlers of",
        _ => call.Waits() ? "waits for the callbacks of" : "runs the callbacks of",
    };

    public static string Instead(this WaitingCall call) => call switch
    {
        WaitingCall.ReadBegin or WaitingCall.ReadBeginAsync => "Call ReadBeginNoWait here",
        WaitingCall.Remove or WaitingCall.RemoveAsync => "Call RemoveDeferred here",
        _ => "Leave it to another thread",
    };
}
