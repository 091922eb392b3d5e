using MmuNotifier.Processes;

namespace MmuNotifier.Tool.Device;

/// <summary>The library that is loaded into programs (Native/preload.c); built with mmun where there is a C compiler.</summary>
internal static class PreloadLibrary
{
    internal const string FileName = "libmmun-device.so";

    /// <summary>The environment variable of the dynamic linker.</summary>
    internal const string LinkerVariable = "LD_PRELOAD";

    /// <summary>
    /// The environment variable that says where the device process listens; MMUN_DEVICE_VARIABLE of protocol.h.
    /// </summary>
    internal const string SocketVariable = "MMUN_DEVICE";

    /// <summary>The path of the library.</summary>
    /// <exception cref="ProcessAttachException">It was not built.</exception>
    internal static string Find()
    {
        string path = Path.Combine(AppContext.BaseDirectory, FileName);
        if (!File.Exists(path))
        {
            throw new ProcessAttachException(
                $"There is no {FileName} beside mmun: it is built only where there is a C compiler (cc)."
                + " Install one and build mmun again.");
        }

        // The dynamic linker takes spaces and colons as the ends of a name.
        return path.AsSpan().IndexOfAny(' ', ':') < 0
            ? path
            : throw new ProcessAttachException(
                $"The path {path} has a space or a colon in it, which {LinkerVariable} cannot name: move mmun.");
    }

    /// <summary>What the variable of the dynamic linker becomes: ours first, then what was there.</summary>
    internal static string Prepend(string path, string? before) => string.IsNullOrEmpty(before) ? path : $"{path}:{before}";
}
