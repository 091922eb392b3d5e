namespace MmuNotifier.Differential;

/// <summary>
/// A file through which the kernel copies to and from the memory under test, mapped here too. One a process, as children inherit it.
/// </summary>
internal static unsafe class Scratch
{
    /// <summary>Its length.</summary>
    internal const int Bytes = 8 << 20;

    private static readonly KernelFile s_file = new(Bytes);
    private static readonly byte* s_bytes = MapFile();

    internal static int Descriptor => s_file.Descriptor;

    internal static Span<byte> Span => new(s_bytes, Bytes);

    private static byte* MapFile()
    {
        const ulong readWrite = 3;
        const ulong shared = 1;
        long result = new DirectSystemCalls().Call(CallNumber.Map, 0, Bytes, readWrite, shared, (ulong)s_file.Descriptor, 0);
        return result > 0 ? (byte*)result : throw new InvalidOperationException("The scratch file cannot be mapped.");
    }
}
