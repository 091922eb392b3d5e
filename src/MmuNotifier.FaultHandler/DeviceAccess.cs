using System.Runtime.InteropServices;

namespace MmuNotifier.FaultHandler;

/// <summary>
/// Accesses of devices to frames. The handler waits for those under way before it gives a page back, so one must not be stopped by the
/// runtime that calls in here: it is made from begin to end by this library.
/// </summary>
internal static unsafe class DeviceAccess
{
    /// <summary>Copies, unless the frame is revoked.</summary>
    /// <returns>0 or EAGAIN.</returns>
    internal static int Copy(uint* word, byte* from, byte* to, nuint length)
    {
        bool isAllowed = (Interlocked.Increment(ref *word) & TakenPage.Revoked) == 0;
        if (isAllowed)
            NativeMemory.Copy(from, to, length);
        Interlocked.Decrement(ref *word);
        return isAllowed ? 0 : NativeCalls.Again;
    }
}
