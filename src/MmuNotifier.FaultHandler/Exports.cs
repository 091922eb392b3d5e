using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.FaultHandler;

/// <summary>
/// The C functions of the library. A handler is named by the number that starting it returned; only moving and stopping wait.
/// </summary>
internal static unsafe class Exports
{
    private const uint DefaultCapacity = 1 << 14;

    /// <summary>
    /// Starts a handler of a non-blocking userfaultfd. It ends when the stop descriptor is readable; it writes to the eventfd after it has
    /// added messages. Returns 0 if no thread can be started.
    /// </summary>
    [UnmanagedCallersOnly(EntryPoint = "mmun_handler_start")]
    internal static nint Start(int descriptor, int stopDescriptor, int signalDescriptor) =>
        Open(new UserfaultfdLoop(descriptor, stopDescriptor, signalDescriptor, null, DefaultCapacity));

    /// <summary>
    /// The same with a header of the caller's, zeroed (see <see cref="EventHeader"/>), and a capacity for messages, a power of two. The
    /// header is no longer written to once <see cref="Stop"/> has returned.
    /// </summary>
    [UnmanagedCallersOnly(EntryPoint = "mmun_handler_start_with")]
    internal static nint StartWith(int descriptor, int stopDescriptor, int signalDescriptor, void* header, uint capacity) =>
        Open(new UserfaultfdLoop(descriptor, stopDescriptor, signalDescriptor, (EventHeader*)header, capacity));

    /// <summary>
    /// Moves a page that is present to a device, in one call; returns 0 or the error. See <see cref="UserfaultfdLoop.Move"/>.
    /// </summary>
    [UnmanagedCallersOnly(EntryPoint = "mmun_handler_move")]
    internal static int Move(nint handler, ulong address, byte* bytes, uint* word) =>
        Of(handler).Move(new TakenPage { Address = address, Bytes = bytes, Word = word });

    /// <summary>
    /// An access of a device to bytes of a frame; returns 0, or the error if the CPU has taken the page back. See
    /// <see cref="DeviceAccess"/>.
    /// </summary>
    [UnmanagedCallersOnly(EntryPoint = "mmun_handler_access")]
    internal static int Access(uint* word, uint generation, byte* frame, byte* buffer, nuint length, int isWrite) =>
        DeviceAccess.Copy(word, generation, frame, buffer, length, isWrite != 0);

    /// <summary>Waits until the messages of every change that has ended are there.</summary>
    [UnmanagedCallersOnly(EntryPoint = "mmun_handler_wait_until_published")]
    internal static void WaitUntilPublished(nint handler) => Of(handler).WaitUntilPublished();

    /// <summary>
    /// Tells that the caller's own removals of pages in [start, last] have returned: pages there can be moved at once. See
    /// <see cref="RemovalsUnderWay"/>.
    /// </summary>
    [UnmanagedCallersOnly(EntryPoint = "mmun_handler_end_removals")]
    internal static void EndRemovals(nint handler, ulong start, ulong last) =>
        Of(handler).EndRemovals(new AddressRange(start, last));

    /// <summary>Fetches an event; returns 0 if there is none.</summary>
    [UnmanagedCallersOnly(EntryPoint = "mmun_handler_fetch")]
    internal static int Fetch(nint handler, UserfaultEvent* news) => Of(handler).Events.TryFetch(news) ? 1 : 0;

    /// <summary>Frees a handler whose stop descriptor is readable, after its thread has ended.</summary>
    [UnmanagedCallersOnly(EntryPoint = "mmun_handler_stop")]
    internal static void Stop(nint handler)
    {
        GCHandle handle = GCHandle.FromIntPtr(handler);
        ((UserfaultfdLoop)handle.Target!).Stop();
        handle.Free();
    }

    /// <summary>0 if no thread can be started.</summary>
    private static nint Open(UserfaultfdLoop handler)
    {
        if (handler.TryStart())
            return GCHandle.ToIntPtr(GCHandle.Alloc(handler));
        handler.Free();
        return 0;
    }

    private static UserfaultfdLoop Of(nint handler) => (UserfaultfdLoop)GCHandle.FromIntPtr(handler).Target!;
}
