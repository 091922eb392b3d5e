using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Linux;

/// <summary>An eventfd: wakes a thread that waits in poll.</summary>
internal sealed unsafe class WakeDescriptor : IDisposable
{
    private const int MaxAttempts = 16;

    private readonly SafeFileHandle _handle;

    internal WakeDescriptor()
        : this(Syscall.EventDescriptor())
    {
    }

    private WakeDescriptor(long result)
    {
        if (result < 0)
            throw new InvalidOperationException($"eventfd failed with error {(int)Syscall.ErrorOf(result)}.");
        _handle = new SafeFileHandle((nint)result, ownsHandle: true);
    }

    /// <summary>Makes one; null with the error if there are no descriptors, or no memory.</summary>
    internal static WakeDescriptor? TryCreate(out Errno error)
    {
        long result = Syscall.EventDescriptor();
        error = Syscall.ErrorOf(result);
        return error == Errno.None ? new WakeDescriptor(result) : null;
    }

    /// <summary>For poll; valid until <see cref="Dispose"/>.</summary>
    internal int Descriptor => (int)_handle.DangerousGetHandle();

    /// <summary>A lost signal is a thread that never ends, so a write that fails is repeated.</summary>
    internal void Signal()
    {
        ulong one = 1;
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (Syscall.ErrorOf(Syscall.Write(_handle, &one, sizeof(ulong))) == Errno.None)
                return;
        }
    }

    internal void Clear()
    {
        ulong count;
        Syscall.Read(_handle, &count, sizeof(ulong));
    }

    public void Dispose() => _handle.Dispose();
}
