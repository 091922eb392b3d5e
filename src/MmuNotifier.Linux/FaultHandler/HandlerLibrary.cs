using System.Runtime.InteropServices;

namespace MmuNotifier.Linux;

/// <summary>
/// The C functions of libmmunotifier_faulthandler.so (src/MmuNotifier.FaultHandler), which lies beside this assembly or in its package.
/// </summary>
internal static unsafe partial class HandlerLibrary
{
    private const string Name = "libmmunotifier_faulthandler";

    private static volatile bool s_isLoaded;

    /// <summary>
    /// Why it cannot be used; null if it can. A failure is not kept: without a free descriptor nothing can be loaded at the moment.
    /// </summary>
    internal static string? FindLack()
    {
        if (s_isLoaded || NativeLibrary.TryLoad(Name, typeof(HandlerLibrary).Assembly, null, out _))
        {
            s_isLoaded = true;
            return null;
        }

        using WakeDescriptor? spare = WakeDescriptor.TryCreate(out Errno error);
        return ErrorText.IsNoDescriptor(error)
            ? $"{Name}.so cannot be loaded: {ErrorText.Of(error)}"
            : $"{Name}.so is not there: it is built where there is a C compiler, and for x86-64 only";
    }

    /// <summary>0 if no thread can be started.</summary>
    [LibraryImport(Name, EntryPoint = "mmun_handler_start")]
    internal static partial nint Start(int userfaultfd, int stopDescriptor, int signalDescriptor);

    /// <summary>
    /// With a header (<see cref="FaultHandler.EventHeader"/>), zeroed, that stays there until <see cref="Stop"/> has returned. 0 if no
    /// thread can be started.
    /// </summary>
    [LibraryImport(Name, EntryPoint = "mmun_handler_start_with")]
    internal static partial nint StartWith(int userfaultfd, int stopDescriptor, int signalDescriptor, void* header, uint capacity);

    [LibraryImport(Name, EntryPoint = "mmun_handler_move")]
    internal static partial int Move(nint handler, ulong address, byte* bytes, uint* word);

    [LibraryImport(Name, EntryPoint = "mmun_handler_access")]
    internal static partial int Access(uint* word, uint generation, byte* frame, byte* buffer, nuint length, int isWrite);

    [LibraryImport(Name, EntryPoint = "mmun_handler_wait_until_published")]
    internal static partial void WaitUntilPublished(nint handler);

    [LibraryImport(Name, EntryPoint = "mmun_handler_end_removals")]
    internal static partial void EndRemovals(nint handler, ulong start, ulong last);

    [LibraryImport(Name, EntryPoint = "mmun_handler_fetch")]
    internal static partial int Fetch(nint handler, UserfaultEvent* news);

    [LibraryImport(Name, EntryPoint = "mmun_handler_stop")]
    internal static partial void Stop(nint handler);
}
