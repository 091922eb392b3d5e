using MmuNotifier.Linux.Proc;

namespace MmuNotifier.Processes.Cores;

/// <summary>A program header of the core: addresses, and whether their content is in the file.</summary>
/// <param name="Place">Where; the offset means nothing if there is no content.</param>
/// <param name="Protection">What some of its mappings permit.</param>
/// <param name="HasContent">False: a debugger is told that the addresses exist, and cannot read them.</param>
/// <param name="IsAlone">
/// Whether it is a segment of its own: gdb takes the one that begins with the kernel's vdso for the whole of it.
/// </param>
internal readonly record struct CoreSegment(CorePlace Place, MappingProtection Protection, bool HasContent, bool IsAlone = false)
{
    internal ulong FileBytes => HasContent ? Place.Length : 0;

    /// <summary>Whether the other continues this one, in memory and in the file, so that both can be one.</summary>
    internal bool IsContinuedBy(in CoreSegment next) =>
        next.HasContent == HasContent
        && !IsAlone
        && !next.IsAlone
        && next.Place.Start == Place.Last + 1
        && (!HasContent || next.Place.Offset == Place.EndOffset);
}
