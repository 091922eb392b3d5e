using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Linux;

/// <summary>
/// A userfaultfd: of this process, or of another whose descriptor was copied with pidfd_getfd. All calls act on the memory of the process
/// that created it, whichever process makes them. Closing the last copy unregisters everything and releases the threads that wait for a
/// reader.
/// </summary>
internal sealed unsafe partial class UserfaultfdDescriptor : IDisposable
{
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int UserModeOnly = 1;
    private const ulong RegisterWriteProtect = 2;

    // The last page below the x86-64 user limit: a valid address that no process maps unless it asks for just this one.
    private const ulong ProbePage = 0x7FFF_FFFF_E000;

    private readonly SafeFileHandle _handle;

    /// <summary>Takes over a descriptor, which must be in non-blocking mode: the kernel's poll answers an error for any other.</summary>
    internal UserfaultfdDescriptor(SafeFileHandle handle) => _handle = handle;

    /// <summary>The descriptor, for poll.</summary>
    internal SafeFileHandle Handle => _handle;

    /// <summary>The flags with which another process has to create the userfaultfd that is copied from it.</summary>
    internal static int CreationFlags => CloseOnExec | NonBlocking;

    /// <summary>Creates one for this process; null with the error if the kernel has none or does not permit it.</summary>
    internal static UserfaultfdDescriptor? Create(bool userModeOnly, out Errno error)
    {
        long result = Syscall.OpenUserfaultfd(CreationFlags | (userModeOnly ? UserModeOnly : 0));
        error = Syscall.ErrorOf(result);
        return result < 0 ? null : new UserfaultfdDescriptor(new SafeFileHandle((nint)result, ownsHandle: true));
    }

    /// <summary>Asks what the kernel has, on a descriptor of its own: the question uses up the one handshake of a descriptor.</summary>
    internal static UserfaultfdFeatures ProbeFeatures(out Errno error)
    {
        using UserfaultfdDescriptor? probe = Create(userModeOnly: true, out error);
        if (probe is null)
            return UserfaultfdFeatures.None;
        error = probe.CallApi(UserfaultfdFeatures.None, out UserfaultfdFeatures existing);
        return existing;
    }

    /// <summary>Turns on those of the wanted features that the kernel has; without fork events if we may not have them.</summary>
    internal HandshakeResult Handshake(UserfaultfdFeatures wanted)
    {
        UserfaultfdFeatures existing = ProbeFeatures(out Errno error);
        if (error != Errno.None)
            return new HandshakeResult(error, UserfaultfdFeatures.None, wanted, ForkDenied: false);
        UserfaultfdFeatures possible = wanted & existing;
        error = CallApi(possible, out _);
        // Only fork events need CAP_SYS_PTRACE. A failed handshake leaves the descriptor as it was, so that a second may follow.
        bool forkDenied = error == Errno.NotPermitted && (possible & UserfaultfdFeatures.EventFork) != 0;
        if (forkDenied)
        {
            possible &= ~UserfaultfdFeatures.EventFork;
            error = CallApi(possible, out _);
        }

        return new HandshakeResult(error, error == Errno.None ? possible : UserfaultfdFeatures.None, wanted & ~existing, forkDenied);
    }

    /// <summary>
    /// Watches [start, last]. Give whole mappings: a part splits its mapping, and a later mremap by the process over both parts fails.
    /// </summary>
    internal UserfaultfdResult Register(ulong start, ulong last)
    {
        var argument = new UffdioRegister { Range = RangeOf(start, last), Mode = RegisterWriteProtect };
        UserfaultfdResult result = UserfaultfdResult.From(Syscall.Ioctl(_handle, UffdioRegister.Request, &argument));
        return NoMemoryOrGone(result);
    }

    /// <summary>Stops watching [start, last].</summary>
    internal UserfaultfdResult Unregister(ulong start, ulong last)
    {
        UffdioRange range = RangeOf(start, last);
        return NoMemoryOrGone(UserfaultfdResult.From(Syscall.Ioctl(_handle, UffdioRange.UnregisterRequest, &range)));
    }

    /// <summary>
    /// Stops watching [start, last], in which no page is protected, without a look at every page. A fault of a missing page that comes
    /// in between waits some microseconds. Mapped files are unregistered as by <see cref="Unregister"/>.
    /// </summary>
    internal UserfaultfdResult UnregisterUnprotected(ulong start, ulong last)
    {
        // Refused for mapped files, for what is gone, and for what another userfaultfd has.
        var argument = new UffdioRegister { Range = RangeOf(start, last), Mode = RegisterMissing };
        _ = Syscall.Ioctl(_handle, UffdioRegister.Request, &argument);
        return Unregister(start, last);
    }

    /// <summary>Releases the threads that wait for the resolution of a fault in [start, last].</summary>
    internal UserfaultfdResult Wake(ulong start, ulong last)
    {
        UffdioRange range = RangeOf(start, last);
        return UserfaultfdResult.From(Syscall.Ioctl(_handle, UffdioRange.WakeRequest, &range));
    }

    /// <summary>
    /// Protects or unprotects every page of [start, last], also those never touched. <see cref="UserfaultfdStatus.EventPending"/>
    /// and <see cref="UserfaultfdStatus.NotRegistered"/> also serve as the strict answer that the mapping is changing or has changed.
    /// </summary>
    internal UserfaultfdResult WriteProtect(ulong start, ulong last, bool protect)
    {
        var argument = new UffdioWriteProtect { Range = RangeOf(start, last), Mode = protect ? UffdioWriteProtect.Protect : 0 };
        return UserfaultfdResult.From(Syscall.Ioctl(_handle, UffdioWriteProtect.Request, &argument));
    }

    /// <summary>Whether the watched address space still exists.</summary>
    internal bool IsTargetAlive() => Probe() != UserfaultfdStatus.ProcessGone;

    /// <summary>Whether an event waits to be read, of a change that has been made or is being made.</summary>
    internal bool HasEventPending() => Probe() == UserfaultfdStatus.EventPending;

    public void Dispose() => _handle.Dispose();

    // REGISTER and UNREGISTER answer ENOMEM, not ESRCH, when the address space is gone.
    private UserfaultfdResult NoMemoryOrGone(UserfaultfdResult result) =>
        result.Status == UserfaultfdStatus.NoMemory && !IsTargetAlive()
            ? result with { Status = UserfaultfdStatus.ProcessGone }
            : result;

    private UserfaultfdStatus Probe() => WriteProtect(ProbePage, ProbePage + PageSize.Bytes - 1, protect: true).Status;

    private static UffdioRange RangeOf(ulong start, ulong last) => new() { Start = start, LengthBytes = last - start + 1 };

    private Errno CallApi(UserfaultfdFeatures features, out UserfaultfdFeatures existing)
    {
        var argument = new UffdioApi { Api = UffdioApi.Version, Features = (ulong)features };
        long result = Syscall.Ioctl(_handle, UffdioApi.Request, &argument);
        existing = result < 0 ? UserfaultfdFeatures.None : (UserfaultfdFeatures)argument.Features;
        return Syscall.ErrorOf(result);
    }
}
