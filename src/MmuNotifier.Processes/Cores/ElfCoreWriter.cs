using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// Writes an ELF core. The content of the segments goes to its places first, in any order, while it is not known yet how many there will
/// be; so notes and program headers come last, at the end of the file. What is not written is a hole and reads as zeros.
/// </summary>
/// <remarks>
/// gdb, lldb, eu-stack, dotnet-dump, ClrMD and jhsdb open a core with holes and with the program headers at its end. A pipe cannot hold
/// back the ELF header: <see cref="SendTo"/> writes the headers first, and holes as zeros.
/// </remarks>
internal sealed class ElfCoreWriter(CoreFile file)
{
    /// <summary>dotnet-dump and ClrMD refuse a core with more program headers of memory.</summary>
    internal const int MostSegmentsForDotnet = 10_000;

    private const int Alignment = 16;

    private byte[] _notes = [];
    private IReadOnlyList<CoreSegment> _segments = [];

    /// <summary>Writes the end of the file, and then its beginning.</summary>
    /// <param name="endOffset">Behind the places of all segments.</param>
    /// <param name="segments">In the order of addresses.</param>
    /// <param name="notes">As <see cref="CoreNotes.Build"/> makes them.</param>
    /// <exception cref="CoreException">The file cannot be written.</exception>
    internal void Finish(long endOffset, IReadOnlyList<CoreSegment> segments, byte[] notes)
    {
        (_segments, _notes) = (segments, notes);
        long headersOffset = Align(endOffset + notes.Length);
        byte[] headers = ElfHeaders.ProgramHeaders(endOffset, notes.Length, segments);
        file.Write(notes, endOffset);
        file.Write(headers, headersOffset);
        file.SetLength(headersOffset + headers.Length);
        file.Write(ElfHeaders.Header(segments.Count + 1, headersOffset), 0);
    }

    /// <summary>Writes the finished core to a pipe: headers and notes first, then the segments without gaps between them.</summary>
    /// <exception cref="CoreException">Nobody reads any more.</exception>
    internal void SendTo(SafeFileHandle pipe)
    {
        int headerCount = _segments.Count + 1;
        int tableBytes = ElfHeaders.ProgramHeaders(0, 0, _segments).Length;
        long notesOffset = Align(ElfHeaders.HeaderBytes + tableBytes);
        long firstOffset = (notesOffset + _notes.Length + (long)PageSize.Bytes - 1) & ~((long)PageSize.Bytes - 1);
        var moved = new List<CoreSegment>(_segments.Count);
        long offset = firstOffset;
        foreach (CoreSegment segment in _segments)
        {
            moved.Add(segment with { Place = segment.Place with { Offset = offset } });
            offset += (long)segment.FileBytes;
        }

        CoreFile.Send(pipe, ElfHeaders.Header(headerCount, ElfHeaders.HeaderBytes));
        CoreFile.Send(pipe, ElfHeaders.ProgramHeaders(notesOffset, _notes.Length, moved));
        CoreFile.Send(pipe, new byte[notesOffset - ElfHeaders.HeaderBytes - tableBytes]);
        CoreFile.Send(pipe, _notes);
        CoreFile.Send(pipe, new byte[firstOffset - notesOffset - _notes.Length]);
        foreach (CoreSegment segment in _segments)
        {
            if (segment.HasContent)
                file.CopyTo(pipe, segment.Place.Offset, (long)segment.FileBytes);
        }
    }

    private static long Align(long offset) => (offset + Alignment - 1) & ~(Alignment - 1L);
}
