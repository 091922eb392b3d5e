using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux.Native;

namespace MmuNotifier.Linux.Watching;

/// <summary>An eventfd: wakes a thread that waits in poll.</summary>
internal sealed unsafe class WakeDescriptor : IDisposable
{
    private readonly SafeFileHandle _handle;

    internal WakeDescriptor()
    {
        long result = Syscall.EventDescriptor();
        if (result < 0)
            throw new InvalidOperationException($"eventfd failed with error {(int)Syscall.ErrorOf(result)}.");
        _handle = new SafeFileHandle((nint)result, ownsHandle: true);
    }

    /// <summary>For poll; valid until <see cref="Dispose"/>.</summary>
    internal int Descriptor => (int)_handle.DangerousGetHandle();

    internal void Signal()
    {
        ulong one = 1;
        Syscall.Write(_handle, &one, sizeof(ulong));
    }

    internal void Clear()
    {
        ulong count;
        Syscall.Read(_handle, &count, sizeof(ulong));
    }

    public void Dispose() => _handle.Dispose();
}
