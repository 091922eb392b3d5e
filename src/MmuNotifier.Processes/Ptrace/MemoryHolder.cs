using System.ComponentModel;
using System.Globalization;
using MmuNotifier.Linux;
using static MmuNotifier.Linux.PtraceConstants;

namespace MmuNotifier.Processes;

/// <summary>
/// A process that shares the memory of a program and never runs. While it exists the memory stays as the program has left it, so it can be
/// compared after the program's end; that end itself is neither delayed nor seen by anybody in another way.
/// </summary>
/// <remarks>
/// <para>
/// It is a child of this process, as the program is (CLONE_PARENT), has no exit signal, no open files, and all signals blocked. It is
/// stopped from its birth, and the kernel kills it when its tracer ends: so it cannot outlive this process.
/// </para>
/// <para>
/// What the program can notice: the kernel counts one more user of its memory, so unshare(CLONE_VM) and setns of a time namespace, which
/// demand that there is only one, refuse.
/// </para>
/// </remarks>
internal sealed class MemoryHolder : IDisposable
{
    // CLONE_VM, CLONE_FILES until it has closed them all, CLONE_PTRACE, CLONE_PARENT.
    private const ulong SharedByClone = 0x100 | 0x400 | 0x2000 | 0x8000;

    private const long CloseRangeNumber = 436;
    private const ulong AllDescriptors = uint.MaxValue;
    private const ulong UnshareFirst = 2;

    private static readonly TimeSpan DeathLimit = TimeSpan.FromSeconds(2);

    private readonly ProcessDescriptor _process;

    private MemoryHolder(ProcessDescriptor process) => _process = process;

    internal int ProcessId => _process.ProcessId;

    /// <summary>Whether it still holds the memory: somebody may have killed it.</summary>
    internal bool IsAlive => !_process.WaitForExit(0);

    /// <summary>
    /// Makes one for a stopped process that is a child of this one; null if that cannot be done, and then nothing is changed.
    /// </summary>
    internal static MemoryHolder? TryCreate(StoppedProcess process)
    {
        if (!MakesOrdinaryChildren(process.MemoryThreadId))
            return null;
        int child = 0;
        ProcessDescriptor? opened = null;
        try
        {
            return RemoteCall.Run(process, call =>
            {
                child = (int)Math.Max(0, call.Clone(SharedByClone));
                if (child == 0)
                    return null;
                var tracee = new Tracee(child, child, isOwnChild: true, process.AfterStep);
                call.RunOnce(tracee, CloseRangeNumber, 0, AllDescriptors, UnshareFirst);
                // Later this question shows whether the program has executed another one.
                if (Kcmp.SameAddressSpace(process.MemoryThreadId, child) != true || (opened = ProcessDescriptor.Open(child, out _)) is null)
                    throw new TraceeGoneException(child);
                return new MemoryHolder(opened);
            });
        }
        catch (Exception exception) when (exception is TargetChangedException or ProcessAttachException or Win32Exception)
        {
            if (child != 0)
                Kill(child);
            opened?.Dispose();
            return null;
        }
    }

    /// <summary>Lets the memory go.</summary>
    public void Dispose()
    {
        Kill(ProcessId);
        _process.Dispose();
    }

    /// <summary>
    /// Whether its next child is a process of our own pid namespace. After unshare(CLONE_NEWPID) it would be the first of a new one, and
    /// its death would close that namespace for the program.
    /// </summary>
    private static bool MakesOrdinaryChildren(int threadId)
    {
        string own = LinkOf("/proc/self/ns/pid");
        return own.Length > 0 && LinkOf(string.Create(CultureInfo.InvariantCulture, $"/proc/{threadId}/ns/pid_for_children")) == own;
    }

    private static string LinkOf(string path)
    {
        try
        {
            return Syscall.ReadLink(path) ?? "";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static void Kill(int processId)
    {
        _ = Syscall.Tgkill(processId, processId, SignalKill);
        Backoff backoff = new(DeathLimit);
        while (!Reap(processId) && !backoff.IsOver)
            backoff.Wait();
    }

    /// <summary>Takes the status of a child that has ended, or finds that there is none.</summary>
    private static unsafe bool Reap(int processId)
    {
        PtraceSigInfo info = default;
        Errno error = Syscall.WaitFor(IdTypePid, processId, &info, WaitExited | WaitNoHang | WaitAll);
        return error != Errno.None || info.ProcessId == processId;
    }
}
