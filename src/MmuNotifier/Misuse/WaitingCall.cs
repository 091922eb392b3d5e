namespace MmuNotifier;

/// <summary>Calls of the engine that wait, or that run callbacks on their own thread.</summary>
internal enum WaitingCall
{
    ReadBegin,
    ReadBeginAsync,
    Remove,
    RemoveAsync,
    Synchronize,
    SynchronizeAsync,
    StartInvalidation,
    TryStartInvalidation,
    ReportInvalidation,
    Exit,
}
