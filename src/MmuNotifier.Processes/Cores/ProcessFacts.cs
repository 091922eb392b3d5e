using System.Buffers.Text;
using System.Globalization;
using System.Text;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>What a core says of the process as a whole: NT_PRPSINFO and NT_AUXV.</summary>
internal sealed record ProcessFacts
{
    internal required int ProcessId { get; init; }

    internal int ParentId { get; init; }

    internal int GroupId { get; init; }

    internal int SessionId { get; init; }

    internal uint UserId { get; init; }

    internal uint RealGroupId { get; init; }

    internal char State { get; init; } = 'S';

    internal sbyte Nice { get; init; }

    /// <summary>Its short name, as in ps.</summary>
    internal string Name { get; init; } = "";

    /// <summary>Its arguments, separated by spaces.</summary>
    internal string Arguments { get; init; } = "";

    /// <summary>The auxiliary vector, as the kernel has put it there.</summary>
    internal byte[] AuxiliaryVector { get; init; } = [];

    /// <summary>Reads them.</summary>
    /// <param name="processId">The process.</param>
    /// <param name="threadId">A thread of it that lives: a main thread that has ended shows neither arguments nor vector.</param>
    /// <exception cref="CoreException">The auxiliary vector cannot be read.</exception>
    internal static ProcessFacts Read(int processId, int threadId)
    {
        ProcessFacts facts = ProcFile.Parse(Path(threadId, "stat"), text => ParseStat(processId, text), out _)
            ?? new ProcessFacts { ProcessId = processId };
        (uint user, uint group) = ProcFile.Parse(Path(threadId, "status"), ParseIds, out _);
        return facts with
        {
            UserId = user,
            RealGroupId = group,
            Arguments = ReadArguments(threadId),
            AuxiliaryVector = ProcFile.Parse(Path(threadId, "auxv"), text => text.ToArray(), out _) is { Length: > 0 } vector
                ? vector
                : throw new CoreException($"The auxiliary vector of process {processId} cannot be read, and no debugger does without it."),
        };
    }

    /// <summary>The same with the names that the process has now: it can give itself others at any time.</summary>
    internal ProcessFacts WithNamesOf(int threadId) => this with
    {
        Name = ProcFile.Parse(Path(threadId, "stat"), text => ParseStat(ProcessId, text).Name, out _) is { Length: > 0 } name ? name : Name,
        Arguments = ReadArguments(threadId) is { Length: > 0 } arguments ? arguments : Arguments,
    };

    private static string ReadArguments(int threadId)
    {
        try
        {
            return ProcFile.Parse(Path(threadId, "cmdline"), ParseArguments, out _) ?? "";
        }
        catch (InvalidOperationException)
        {
            return ""; // Longer than anything that a core has room for.
        }
    }

    internal static ProcessFacts ParseStat(int processId, ReadOnlySpan<byte> stat)
    {
        int open = stat.IndexOf((byte)'(');
        int close = stat.LastIndexOf((byte)')');
        if (open < 0 || close < open + 1)
            return new ProcessFacts { ProcessId = processId };
        ReadOnlySpan<byte> fields = stat[(close + 2)..];
        return new ProcessFacts
        {
            ProcessId = processId,
            Name = Encoding.UTF8.GetString(stat[(open + 1)..close]),
            State = (char)fields[0],
            ParentId = (int)Field(fields, 1),
            GroupId = (int)Field(fields, 2),
            SessionId = (int)Field(fields, 3),
            Nice = (sbyte)Field(fields, 16),
        };
    }

    private static (uint User, uint Group) ParseIds(ReadOnlySpan<byte> text)
    {
        var status = new StatusText(text);
        return ((uint)status.Number("Uid:"u8), (uint)status.Number("Gid:"u8));
    }

    private static string ParseArguments(ReadOnlySpan<byte> text) =>
        Encoding.UTF8.GetString(text.TrimEnd((byte)0)).Replace('\0', ' ');

    /// <summary>A number behind the state, which is field 0.</summary>
    private static long Field(ReadOnlySpan<byte> fields, int index)
    {
        for (int i = 0; i < index; i++)
            fields = fields[(fields.IndexOf((byte)' ') + 1)..];
        return Utf8Parser.TryParse(fields, out long value, out _) ? value : 0;
    }

    private static string Path(int threadId, string file) =>
        string.Create(CultureInfo.InvariantCulture, $"/proc/{threadId}/{file}");
}
