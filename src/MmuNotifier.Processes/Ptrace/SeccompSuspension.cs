using static MmuNotifier.Linux.PtraceConstants;

namespace MmuNotifier.Processes;

/// <summary>Lifts a thread's system call filter while calls are injected: a filter may kill for a call it does not know.</summary>
internal sealed class SeccompSuspension : IDisposable
{
    private readonly Tracee _tracee;
    private readonly bool _suspended;

    private SeccompSuspension(Tracee tracee, bool suspended)
    {
        _tracee = tracee;
        _suspended = suspended;
    }

    /// <summary>Does nothing for a thread without a filter.</summary>
    internal static SeccompSuspension Begin(int processId, Tracee tracee)
    {
        bool filtered = ProcessStatus.ReadThread(processId, tracee.ThreadId) is { IsFiltered: true };
        if (filtered && tracee.TrySetOptions(OptionSysGood | OptionSuspendSeccomp) != Errno.None)
            throw new ProcessAttachException($"Process {processId} runs under a seccomp filter, which might kill it for a call made from "
                + "outside: run this as root (CAP_SYS_ADMIN), outside of any filter.");
        return new SeccompSuspension(tracee, filtered);
    }

    public void Dispose()
    {
        if (_suspended && _tracee.Stop.IsStopped)
            _ = _tracee.TrySetOptions(OptionSysGood);
    }
}
