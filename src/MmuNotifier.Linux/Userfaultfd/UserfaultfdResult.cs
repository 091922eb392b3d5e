namespace MmuNotifier.Linux;

/// <summary>The outcome of a call on a userfaultfd and the error number behind it.</summary>
internal readonly record struct UserfaultfdResult(UserfaultfdStatus Status, Errno Error)
{
    internal bool Succeeded => Status == UserfaultfdStatus.Done;

    internal static UserfaultfdResult From(long result)
    {
        Errno error = Syscall.ErrorOf(result);
        return new UserfaultfdResult(StatusOf(error), error);
    }

    private static UserfaultfdStatus StatusOf(Errno error) => error switch
    {
        Errno.None => UserfaultfdStatus.Done,
        Errno.NotPermitted => UserfaultfdStatus.ReadOnlyShared,
        Errno.InvalidArgument => UserfaultfdStatus.NotWatchable,
        Errno.Busy => UserfaultfdStatus.TakenByAnother,
        Errno.NoEntry => UserfaultfdStatus.NotRegistered,
        Errno.Again => UserfaultfdStatus.EventPending,
        Errno.NoMemory => UserfaultfdStatus.NoMemory,
        Errno.NoProcess => UserfaultfdStatus.ProcessGone,
        _ => UserfaultfdStatus.Failed,
    };
}
