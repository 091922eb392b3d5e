using System.Buffers.Binary;
using System.Text;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// The notes of a core, in the kernel's layout for x86-64. Debuggers need all of them: without NT_AUXV gdb and lldb find no symbols,
/// without NT_FILE dotnet-dump finds no runtime, without NT_PRPSINFO eu-stack shows no thread, without NT_X86_XSTATE gdb has half of the
/// vector registers.
/// </summary>
internal static class CoreNotes
{
    private const int Status = 1, FloatingPoint = 2, ProcessInformation = 3, AuxiliaryVector = 6;
    private const int ExtendedState = 0x202, SignalInformation = 0x53494749, Files = 0x46494c45;

    private const int StatusBytes = 336, RegistersOffset = 112, RegistersBytes = 216;
    private const int InformationBytes = 136, NameBytes = 16, ArgumentsBytes = 80;

    /// <param name="facts">Of the process.</param>
    /// <param name="threads">The first one is the one that a debugger shows first.</param>
    /// <param name="mappings">All mappings; those of files are named.</param>
    internal static byte[] Build(ProcessFacts facts, IEnumerable<ThreadRegisters> threads, IEnumerable<ProcessMapping> mappings)
    {
        var notes = new MemoryStream();
        Add(notes, "CORE", ProcessInformation, InformationOf(facts));
        foreach (ThreadRegisters thread in threads)
        {
            Add(notes, "CORE", Status, StatusOf(facts, thread));
            if (thread.FloatingPoint.Length > 0)
                Add(notes, "CORE", FloatingPoint, thread.FloatingPoint.Span);
            if (thread.ExtendedState.Length > 0)
                Add(notes, "LINUX", ExtendedState, thread.ExtendedState.Span);
            if (thread.SignalInformation.Length > 0)
                Add(notes, "CORE", SignalInformation, thread.SignalInformation.Span);
        }

        Add(notes, "CORE", AuxiliaryVector, facts.AuxiliaryVector);
        Add(notes, "CORE", Files, FilesOf(mappings));
        return notes.ToArray();
    }

    /// <summary>A name of the maps with its escapes (\012 for a line end) undone.</summary>
    internal static string Unescape(string name)
    {
        const int escapeLength = 4;
        const int octal = 8;
        if (!name.Contains('\\', StringComparison.Ordinal))
            return name;
        var text = new StringBuilder(name.Length);
        for (int i = 0; i < name.Length; i++)
        {
            bool isEscape = name[i] == '\\' && i + escapeLength <= name.Length
                && name.AsSpan(i + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0;
            if (!isEscape)
            {
                text.Append(name[i]);
                continue;
            }

            text.Append((char)Convert.ToInt32(name.Substring(i + 1, 3), octal));
            i += escapeLength - 1;
        }

        return text.ToString();
    }

    /// <summary>struct elf_prpsinfo.</summary>
    private static byte[] InformationOf(ProcessFacts facts)
    {
        byte[] information = new byte[InformationBytes];
        information[0] = (byte)Math.Max("RSDTZW".IndexOf(facts.State, StringComparison.Ordinal), 0);
        information[1] = (byte)facts.State;
        information[2] = facts.State == 'Z' ? (byte)1 : (byte)0;
        information[3] = unchecked((byte)facts.Nice);
        BinaryPrimitives.WriteUInt32LittleEndian(information.AsSpan(16), facts.UserId);
        BinaryPrimitives.WriteUInt32LittleEndian(information.AsSpan(20), facts.RealGroupId);
        WriteIds(information.AsSpan(24), facts, facts.ProcessId);
        WriteText(information.AsSpan(40, NameBytes), facts.Name);
        WriteText(information.AsSpan(56, ArgumentsBytes), facts.Arguments);
        return information;
    }

    /// <summary>struct elf_prstatus.</summary>
    private static byte[] StatusOf(ProcessFacts facts, ThreadRegisters thread)
    {
        byte[] status = new byte[StatusBytes];
        BinaryPrimitives.WriteInt32LittleEndian(status, thread.Signal);
        BinaryPrimitives.WriteInt16LittleEndian(status.AsSpan(12), (short)thread.Signal);
        BinaryPrimitives.WriteUInt64LittleEndian(status.AsSpan(24), thread.BlockedSignals);
        WriteIds(status.AsSpan(32), facts, thread.ThreadId);
        thread.General.Span[..Math.Min(thread.General.Length, RegistersBytes)].CopyTo(status.AsSpan(RegistersOffset));
        int hasFloatingPoint = thread.FloatingPoint.Length > 0 ? 1 : 0;
        BinaryPrimitives.WriteInt32LittleEndian(status.AsSpan(RegistersOffset + RegistersBytes), hasFloatingPoint);
        return status;
    }

    /// <summary>
    /// The mappings of files as they are, also where the segments of neighbours are one: count, page size, ranges, names.
    /// </summary>
    private static byte[] FilesOf(IEnumerable<ProcessMapping> mappings)
    {
        ProcessMapping[] files = [.. mappings.Where(mapping => mapping.IsFileBacked)];
        var table = new MemoryStream();
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        Append(table, word, (ulong)files.Length);
        Append(table, word, PageSize.Bytes);
        foreach (ProcessMapping file in files)
        {
            Append(table, word, file.Start);
            Append(table, word, file.Last + 1);
            Append(table, word, file.Offset / PageSize.Bytes);
        }

        foreach (ProcessMapping file in files)
        {
            table.Write(Encoding.UTF8.GetBytes(Unescape(file.Name)));
            table.WriteByte(0);
        }

        return table.ToArray();
    }

    private static void Append(MemoryStream table, Span<byte> word, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(word, value);
        table.Write(word);
    }

    private static void Add(MemoryStream notes, string name, int type, ReadOnlySpan<byte> description)
    {
        Span<byte> header = stackalloc byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(header, name.Length + 1);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], description.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], type);
        notes.Write(header);
        notes.Write(Encoding.ASCII.GetBytes(name));
        notes.WriteByte(0);
        Pad(notes);
        notes.Write(description);
        Pad(notes);
    }

    private static void Pad(MemoryStream notes)
    {
        while (notes.Length % sizeof(int) != 0)
            notes.WriteByte(0);
    }

    private static void WriteIds(Span<byte> place, ProcessFacts facts, int id)
    {
        BinaryPrimitives.WriteInt32LittleEndian(place, id);
        BinaryPrimitives.WriteInt32LittleEndian(place[4..], facts.ParentId);
        BinaryPrimitives.WriteInt32LittleEndian(place[8..], facts.GroupId);
        BinaryPrimitives.WriteInt32LittleEndian(place[12..], facts.SessionId);
    }

    /// <summary>Cut so that a zero follows.</summary>
    private static void WriteText(Span<byte> place, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        bytes.AsSpan(0, Math.Min(bytes.Length, place.Length - 1)).CopyTo(place);
    }
}
