using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>A program header of the core: addresses, and whether their content is in the file.</summary>
/// <param name="Place">Where; the offset means nothing if there is no content.</param>
/// <param name="Protection">What some of its mappings permit.</param>
/// <param name="HasContent">False: a debugger shows that the addresses exist, and cannot read them.</param>
/// <param name="Module">
/// The file or the part of the kernel that it belongs to; empty for other memory. A segment has one: eu-stack finds a library only where a
/// segment begins, and gdb takes the segment that begins with the kernel's vdso for the whole of it.
/// </param>
internal readonly record struct CoreSegment(CorePlace Place, MappingProtection Protection, bool HasContent, string Module = "")
{
    internal ulong FileBytes => HasContent ? Place.Length : 0;

    /// <summary>Whether the other continues this one, in memory and in the file, so that both can be one.</summary>
    internal bool IsContinuedBy(in CoreSegment next) =>
        next.HasContent == HasContent
        && next.Module == Module
        && next.Place.Start == Place.Last + 1
        && (!HasContent || next.Place.Offset == Place.EndOffset);
}
