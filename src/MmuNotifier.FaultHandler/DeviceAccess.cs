using System.Runtime.InteropServices;

namespace MmuNotifier.FaultHandler;

/// <summary>
/// Accesses of devices to frames. The handler waits for those under way before it gives a page back, so one must not be stopped by the
/// runtime that calls in here: it is made from begin to end by this library.
/// </summary>
internal static unsafe class DeviceAccess
{
    /// <summary>Copies at most a page from or to a frame, unless the frame is revoked or of another generation.</summary>
    /// <returns>0 or EAGAIN.</returns>
    /// <remarks>
    /// By way of the stack: the caller's buffer may be a page that a device has, and is touched only while no frame is held, or the handler
    /// would wait for this access and it for the handler.
    /// </remarks>
    internal static int Copy(uint* word, uint generation, byte* frame, byte* buffer, nuint length, bool isWrite)
    {
        byte* between = stackalloc byte[NativeCalls.PageBytes];
        if (isWrite)
            NativeMemory.Copy(buffer, between, length);
        uint entered = Interlocked.Increment(ref *word);
        bool isAllowed = (entered & TakenPage.Revoked) == 0 && TakenPage.GenerationIn(entered) == generation;
        if (isAllowed && isWrite)
            NativeMemory.Copy(between, frame, length);
        else if (isAllowed)
            NativeMemory.Copy(frame, between, length);
        Interlocked.Decrement(ref *word);
        if (isAllowed && !isWrite)
            NativeMemory.Copy(between, buffer, length);
        return isAllowed ? 0 : NativeCalls.Again;
    }
}
