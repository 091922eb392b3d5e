using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>A userfaultfd of another process's memory.</summary>
/// <param name="Handle">Our descriptor; the target has none.</param>
/// <param name="UserModeOnly">
/// The target may not create a full one. This one does not see faults from within the kernel: never use it for synchronous protection.
/// </param>
internal sealed record InjectedUserfaultfd(SafeFileHandle Handle, bool UserModeOnly);

/// <summary>Creates a userfaultfd inside another process and takes it over.</summary>
/// <remarks>
/// If this process is killed on the way, the target keeps the descriptor only when that happens between the order to create it and the
/// third request after, some ten microseconds: from then on the target's next step is to close it. A userfaultfd without any
/// registration, which it is here, has no effect, and execve closes it.
/// </remarks>
internal static class UserfaultfdInjection
{
    private const long UserfaultfdNumber = 323;
    private const long CloseNumber = 3;
    private const ulong CloseOnExecAndNonBlocking = 0x80800;
    private const ulong UserModeOnly = 1;

    /// <summary>Attaches to a running process, creates the userfaultfd and lets go.</summary>
    internal static InjectedUserfaultfd Create(
        PtraceThread thread, int processId, TimeSpan? limit = null, Action<string>? afterStep = null) =>
        Attachment.Run(thread, processId, Create, limit, afterStep);

    /// <summary>Creates the userfaultfd in a process that is stopped, and remains so.</summary>
    internal static InjectedUserfaultfd Create(StoppedProcess process)
    {
        SafeFileHandle? taken = null;
        try
        {
            Attempt attempt = RemoteCall.Run(process, call => CreateInside(process.ProcessId, call, ref taken));
            return attempt.Created ?? throw new ProcessAttachException(attempt.Failure);
        }
        catch
        {
            taken?.Dispose();
            throw;
        }
    }

    /// <param name="processId">Named in messages.</param>
    /// <param name="call">Makes the calls in the process.</param>
    /// <param name="taken">Our descriptor as soon as there is one: the caller's, also if this or putting the process back fails.</param>
    private static Attempt CreateInside(int processId, RemoteCall call, ref SafeFileHandle? taken)
    {
        bool userModeOnly = false;
        long answer = call.Call(UserfaultfdNumber, CloseOnExecAndNonBlocking);
        if (Syscall.ErrorOf(answer) == Errno.NotPermitted)
        {
            userModeOnly = true;
            answer = call.Call(UserfaultfdNumber, CloseOnExecAndNonBlocking | UserModeOnly);
        }

        if (answer < 0)
            return new Attempt(null, Explain(processId, Syscall.ErrorOf(answer)));

        // Set up the close first, then take the descriptor over: if this process is killed from here on, the target closes it.
        call.Prepare(CloseNumber, (ulong)answer);
        taken = TakeOver(call.ThreadId, (int)answer, out string failure);
        long closed = call.RunPrepared();
        if (taken is null)
            return new Attempt(null, failure);
        if (closed == 0 && Syscall.ReadLink(DescriptorPath(call.ThreadId, (int)answer)) is null)
            return new Attempt(new InjectedUserfaultfd(taken, userModeOnly), "");
        return new Attempt(
            null, $"Process {processId} still holds descriptor {answer} of the userfaultfd made in it: report this as a bug.");
    }

    /// <remarks>By the thread that made it: another may have other descriptors, and a main thread that has ended has none.</remarks>
    private static SafeFileHandle? TakeOver(int threadId, int descriptor, out string failure)
    {
        // Before Linux 6.9 there are descriptors of main threads only.
        using ProcessDescriptor? thread = ProcessDescriptor.OpenThread(threadId, out Errno error)
            ?? ProcessDescriptor.Open(threadId, out error);
        SafeFileHandle? own = thread?.CopyDescriptor(descriptor, out error);
        failure = own is null
            ? $"The userfaultfd made by thread {threadId} cannot be taken over: {Marshal.GetPInvokeErrorMessage((int)error)} "
                + "(pidfd_getfd, Linux 5.6 or newer)."
            : "";
        return own;
    }

    private static string DescriptorPath(int threadId, int descriptor) =>
        string.Create(CultureInfo.InvariantCulture, $"/proc/{threadId}/fd/{descriptor}");

    private static string Explain(int processId, Errno error) => error switch
    {
        Errno.NotImplemented => "This kernel has no userfaultfd: one built with CONFIG_USERFAULTFD is needed.",
        Errno.NotPermitted => $"Process {processId} may not create a userfaultfd (EPERM): its container or security module forbids it.",
        _ => $"Process {processId} cannot create a userfaultfd: {Marshal.GetPInvokeErrorMessage((int)error)}.",
    };

    /// <summary>A failure is an answer, not an exception, so that the target gets its registers back in either case.</summary>
    private sealed record Attempt(InjectedUserfaultfd? Created, string Failure);
}
