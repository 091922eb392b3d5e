using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Linux;

/// <summary>A pidfd: names one process and never a later one with the same number. Readable, for poll, once it has exited.</summary>
internal sealed class ProcessDescriptor : IDisposable
{
    private ProcessDescriptor(SafeFileHandle handle, int processId)
    {
        Handle = handle;
        ProcessId = processId;
    }

    internal SafeFileHandle Handle { get; }

    internal int ProcessId { get; }

    /// <summary>Opens the process of that number; null with the error (NoProcess: there is none).</summary>
    internal static ProcessDescriptor? Open(int processId, out Errno error) =>
        From(Syscall.OpenProcessDescriptor(processId), processId, out error);

    /// <summary>Opens one thread (Linux 6.9): other threads of its process may have other descriptors.</summary>
    internal static ProcessDescriptor? OpenThread(int threadId, out Errno error) =>
        From(Syscall.OpenThreadDescriptor(threadId), threadId, out error);

    /// <summary>Waits for the exit, at most so long (negative: without end); whether it has exited. A zombie has.</summary>
    internal bool WaitForExit(int timeoutMilliseconds)
    {
        bool counted = false;
        try
        {
            Handle.DangerousAddRef(ref counted);
            Span<PollEntry> entry = [new PollEntry { Descriptor = (int)Handle.DangerousGetHandle(), Wanted = PollEvents.In }];
            return DescriptorPoll.Wait(entry, timeoutMilliseconds, out _) > 0;
        }
        finally
        {
            if (counted)
                Handle.DangerousRelease();
        }
    }

    /// <summary>Sends a signal; zero only asks whether it could be sent.</summary>
    internal Errno SendSignal(int signal) => Syscall.ErrorOf(Syscall.SendSignal(Handle, signal));

    /// <summary>A copy, in this process, of a descriptor that the process has open; null with the error.</summary>
    internal SafeFileHandle? CopyDescriptor(int descriptor, out Errno error)
    {
        long result = Syscall.CopyDescriptor(Handle, descriptor);
        error = Syscall.ErrorOf(result);
        return result < 0 ? null : new SafeFileHandle((nint)result, ownsHandle: true);
    }

    public void Dispose() => Handle.Dispose();

    private static ProcessDescriptor? From(long result, int id, out Errno error)
    {
        error = Syscall.ErrorOf(result);
        return result < 0 ? null : new ProcessDescriptor(new SafeFileHandle((nint)result, ownsHandle: true), id);
    }
}
