namespace MmuNotifier.Linux;

/// <summary>What an error number means to a user, where the number alone would mislead.</summary>
internal static class ErrorText
{
    private const Errno NoDescriptorInSystem = (Errno)23;
    private const Errno NoDescriptor = (Errno)24;

    internal static string Of(Errno error) => error switch
    {
        NoDescriptor => "this process has no file descriptor left; raise its limit (ulimit -n)",
        NoDescriptorInSystem => "the system has no file descriptor left; raise fs.file-max",
        _ => error.ToString(),
    };

    /// <summary>Whether descriptors have run out.</summary>
    internal static bool IsNoDescriptor(Errno error) => error is NoDescriptor or NoDescriptorInSystem;
}
