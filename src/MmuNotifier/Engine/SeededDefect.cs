namespace MmuNotifier;

/// <summary>
/// The defects that an exploration build can make, one at a time: an essential check, ordering or barrier taken out. Each must be caught by
/// a scenario; docs/exploration.md has the table.
/// </summary>
internal enum SeededDefect
{
    None,
    PublishWithoutFence,
    CursorRelaxed,
    WordReadRelaxed,
    ObserveWithoutFence,
    SlowReaderDoesNotConfirm,
    StartDoesNotValidate,
    EditWithoutFence,
    RemovalWithoutFenceOnWalker,
    InheritanceNotCheckedAgain,
    LogEntryStampRelaxed,
    LogEntryStampReadRelaxed,
    LogEntryNotCheckedAgain,
}
