using System.Runtime.InteropServices;

namespace MmuNotifier.Benchmarks.Caches.Sides;

/// <summary>
/// The least that an event of munmap costs: a userfaultfd in blocking mode, and a thread that reads its events and does nothing with them.
/// </summary>
internal sealed unsafe partial class RawUserfaultfd
{
    private const long OpenCall = 323;
    private const long CloseOnExec = 0x80000;
    private const long UserModeOnly = 1;
    private const ulong ApiRequest = 0xC018AA3F;
    private const ulong RegisterRequest = 0xC020AA00;
    private const ulong Api = 0xAA;
    private const ulong WriteProtect = 2;

    /// <summary>EVENT_REMAP, EVENT_REMOVE, EVENT_UNMAP, WP_UNPOPULATED, WP_ASYNC: what the watch asks for.</summary>
    private const ulong Features = 4 | 8 | 64 | (1 << 13) | (1 << 15);

    private const int MessageBytes = 32;

    private readonly int _descriptor;

    internal RawUserfaultfd()
    {
        _descriptor = (int)SystemCall(OpenCall, CloseOnExec | UserModeOnly);
        ulong* handshake = stackalloc ulong[3] { Api, Features, 0 };
        if (_descriptor < 0 || Control(_descriptor, ApiRequest, handshake) != 0)
            throw new InvalidOperationException($"No userfaultfd can be had: error {Marshal.GetLastPInvokeError()}.");
        new Thread(ReadAll) { IsBackground = true }.Start();
    }

    internal void Register(AddressRange range)
    {
        ulong* request = stackalloc ulong[4] { range.Start, range.Last - range.Start + 1, WriteProtect, 0 };
        if (Control(_descriptor, RegisterRequest, request) != 0)
            throw new InvalidOperationException($"Memory cannot be registered: error {Marshal.GetLastPInvokeError()}.");
    }

    /// <summary>Until the process ends.</summary>
    private void ReadAll()
    {
        byte* message = stackalloc byte[MessageBytes];
        while (Read(_descriptor, message, MessageBytes) == MessageBytes)
        {
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long SystemCall(long number, long flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(int descriptor, ulong request, ulong* argument);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, byte* buffer, nuint length);
}
