using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// Whether a thread of a .NET process may be making an object. From the moment at which it has the memory to the moment at which it has
/// written the object's type, which is long for a large array that has to be cleared, the heap cannot be walked across that object.
/// </summary>
/// <remarks>
/// All of that happens in the runtime's own libraries, and in the C library for the clearing. So a thread that was stopped in one of them,
/// and is in no system call, may be making an object; it may also do something else there.
/// </remarks>
internal static class ManagedAllocation
{
    private static readonly string[] Libraries = ["libcoreclr.so", "libclrgc.so", "libclrgcexp.so", "libc.so.6", "ld-musl-x86_64.so.1"];

    /// <param name="threads">The registers of all threads, which are stopped.</param>
    /// <param name="mappings">The mappings of the process.</param>
    internal static bool MayBeUnderWay(IEnumerable<ThreadRegisters> threads, IEnumerable<ProcessMapping> mappings)
    {
        List<ProcessMapping> code = [.. mappings.Where(IsCodeThatMakesObjects)];
        return threads.Any(thread => !IsInSystemCall(thread) && code.Exists(mapping => mapping.Contains(thread.InstructionPointer)));
    }

    private static bool IsCodeThatMakesObjects(ProcessMapping mapping) =>
        mapping.IsFileBacked && (mapping.Protection & MappingProtection.Execute) != 0 && Libraries.Contains(Path.GetFileName(mapping.Name));

    private static bool IsInSystemCall(ThreadRegisters thread) => (long)thread[GeneralRegister.OriginalRax] >= 0;
}
