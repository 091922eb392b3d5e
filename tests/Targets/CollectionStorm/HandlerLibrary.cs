using System.Runtime.InteropServices;

namespace CollectionStorm;

/// <summary>The C functions of libmmunotifier_faulthandler.so.</summary>
internal sealed unsafe class HandlerLibrary(nint library)
{
    private readonly delegate* unmanaged<int, int, int, nint> _start =
        (delegate* unmanaged<int, int, int, nint>)NativeLibrary.GetExport(library, "mmun_handler_start");

    private readonly delegate* unmanaged<nint, ulong, byte*, uint*, int> _move =
        (delegate* unmanaged<nint, ulong, byte*, uint*, int>)NativeLibrary.GetExport(library, "mmun_handler_move");

    private readonly delegate* unmanaged<nint, void*, int> _fetch =
        (delegate* unmanaged<nint, void*, int>)NativeLibrary.GetExport(library, "mmun_handler_fetch");

    private readonly delegate* unmanaged<nint, void> _stop = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "mmun_handler_stop");

    internal nint Start(int userfaultfd, int stopDescriptor, int signalDescriptor) => _start(userfaultfd, stopDescriptor, signalDescriptor);

    internal bool Move(nint handler, ulong address, byte* bytes, uint* word) => _move(handler, address, bytes, word) == 0;

    internal bool Fetch(nint handler, void* message) => _fetch(handler, message) != 0;

    internal void Stop(nint handler) => _stop(handler);
}
