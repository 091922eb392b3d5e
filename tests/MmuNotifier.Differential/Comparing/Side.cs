using MmuNotifier.Hmm;

namespace MmuNotifier.Differential;

/// <summary>One of the memories that are compared, with its files and its child: does operations on them.</summary>
public sealed class Side : IDisposable
{
    /// <summary>How many files there are.</summary>
    public const int Files = 3;

    private const ulong Page = MirroredMemory.PageBytes;

    private static readonly ulong[] s_fileLengths = [8 * Page, (5 * Page) + 100, 0];

    private readonly MemoryFile[] _files;
    private readonly ulong _arena;
    private readonly AddressRange _window;
    private IProgramMemory? _child;

    /// <summary>Makes the files; the arena is emptied first.</summary>
    /// <param name="memory">Disposed with this.</param>
    /// <param name="arena">Where the arena begins.</param>
    /// <param name="arenaPages">Its pages.</param>
    public Side(IProgramMemory memory, ulong arena, int arenaPages)
    {
        ArgumentNullException.ThrowIfNull(memory);
        Memory = memory;
        _arena = arena;
        _window = AddressRange.FromLength(arena, (ulong)arenaPages * Page);
        _files = new MemoryFile[Files];
        for (int i = 0; i < Files; i++)
        {
            _files[i] = memory.CreateFile(s_fileLengths[i]);
            if (s_fileLengths[i] > 0)
                _files[i].Write(0, Pattern(s_fileLengths[i], (byte)(0x40 * (i + 1)), 0));
        }
    }

    /// <summary>The memory.</summary>
    public IProgramMemory Memory { get; }

    /// <summary>Does one operation, except a comparison.</summary>
    public Outcome Do(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        IProgramMemory? memory = operation.InChild ? _child : Memory;
        if (memory is null)
            return Outcome.Nothing;
        switch (operation.Kind)
        {
            case OperationKind.Map:
                return Map(memory, operation);
            case OperationKind.Unmap:
                return new Outcome(memory.Unmap(AddressOf(operation), operation.Length), 0, default);
            case OperationKind.Protect:
                return new Outcome(memory.Protect(AddressOf(operation), operation.Length, operation.Protection), 0, default);
            case OperationKind.Remap:
                return Remap(memory, operation);
            case OperationKind.Advise:
                return Advise(memory, operation);
            case OperationKind.Load:
                return Load(memory, AddressOf(operation), (int)operation.Length);
            case OperationKind.Store:
                return new Outcome(
                    memory.Store(AddressOf(operation), Pattern(operation.Length, operation.Fill, operation.Offset)), 0, default);
            case OperationKind.Fork:
                _child ??= memory.Fork();
                return Outcome.Nothing;
            case OperationKind.Exit:
                _child?.Dispose();
                _child = null;
                return Outcome.Nothing;
            default:
                return OnFile(operation);
        }
    }

    /// <summary>Everything that a program can find out: per process mappings and contents, and the files.</summary>
    public Snapshot TakeSnapshot()
    {
        List<Mapping> own = MappingList.Normalize(Memory.GetMappings(_window), _arena);
        List<Mapping>? child = _child is null ? null : MappingList.Normalize(_child.GetMappings(_window), _arena);
        byte[] ownBytes = ReadAll(Memory, own);
        byte[]? childBytes = child is null ? null : ReadAll(_child!, child);
        byte[][] files = new byte[Files][];
        for (int i = 0; i < Files; i++)
        {
            files[i] = new byte[_files[i].Length];
            int read = files[i].Length == 0 ? 0 : _files[i].Read(0, files[i]);
            if (read != files[i].Length)
                files[i] = files[i][..Math.Max(read, 0)];
        }

        return new Snapshot(own, ownBytes, child, childBytes, files);
    }

    /// <summary>What is wrong with the announcements since the last call; null if nothing.</summary>
    public string? FindUnannounced()
    {
        string? own = Memory.FindUnannounced(_window);
        string? child = _child?.FindUnannounced(_window);
        return own ?? (child is null ? null : "child: " + child);
    }

    /// <summary>
    /// Whether Linux leaves the result to what it may do or not: a move over parts that it may keep apart or have joined; and freeing pages
    /// that cannot be written afterwards.
    /// </summary>
    public bool IsUndetermined(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        IProgramMemory? memory = operation.InChild ? _child : Memory;
        bool isMove = operation.Kind == OperationKind.Remap;
        bool isFree = operation is { Kind: OperationKind.Advise, Advice: Hmm.Advice.Free };
        if (memory is null || (!isMove && !isFree) || operation.Offset >= _window.Last - _window.Start || operation.Length == 0)
            return false;
        ulong first = _arena + operation.Offset;
        ulong last = operation.Length > _window.Last - first ? _window.Last : first + operation.Length - 1;
        IReadOnlyList<Mapping> mappings = memory.GetMappings(new AddressRange(first & ~(Page - 1), last | (Page - 1)));
        return isMove
            ? mappings.Count != MappingList.Normalize(mappings, _arena).Count
            : mappings.Any(mapping => !mapping.IsShared && (mapping.Protection & Protection.Write) == 0);
    }

    public void Dispose()
    {
        _child?.Dispose();
        Memory.Unmap(_window.Start, _window.Last - _window.Start + 1);
        foreach (MemoryFile file in _files)
            file.Dispose();
        Memory.Dispose();
    }

    private static byte[] Pattern(ulong length, byte fill, ulong position)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(fill + (7 * i) + ((int)((position + (ulong)i) / Page) * 31));
        return bytes;
    }

    private static Outcome Load(IProgramMemory memory, ulong address, int length)
    {
        byte[] bytes = new byte[length];
        bytes.AsSpan().Fill(Outcome.Unread);
        Errno error = memory.Load(address, bytes);
        return new Outcome(error, 0, bytes);
    }

    private ulong AddressOf(Operation operation) => operation.Offset == Operation.Anywhere ? 0 : _arena + operation.Offset;

    private Outcome Map(IProgramMemory memory, Operation operation)
    {
        MemoryFile? file = operation.File == 0 ? null : _files[operation.File - 1];
        Errno error = memory.Map(
            AddressOf(operation), operation.Length, operation.Protection, operation.MapFlags, file, operation.FileOffset, out ulong mapped);
        return error == Errno.None ? Placed(memory, mapped, operation.Length) : new Outcome(error, 0, default);
    }

    private Outcome Remap(IProgramMemory memory, Operation operation)
    {
        ulong newAddress = (operation.RemapFlags & RemapFlags.Fixed) != 0 ? _arena + operation.NewOffset : 0;
        Errno error = memory.Remap(
            AddressOf(operation), operation.Length, operation.NewLength, operation.RemapFlags, newAddress, out ulong mapped);
        return error == Errno.None ? Placed(memory, mapped, operation.NewLength) : new Outcome(error, 0, default);
    }

    /// <summary>What lies outside the arena is read once, and goes.</summary>
    private Outcome Placed(IProgramMemory memory, ulong mapped, ulong length)
    {
        if (_window.Contains(mapped))
            return new Outcome(Errno.None, mapped - _arena, default);
        ulong pages = (length + Page - 1) / Page;
        byte[] bytes = new byte[pages * Page];
        bytes.AsSpan().Fill(Outcome.Unread);
        for (ulong i = 0; i < pages; i++)
            memory.Load(mapped + (i * Page), bytes.AsSpan((int)(i * Page), (int)Page));
        Errno error = memory.Unmap(mapped, length);
        return new Outcome(error, Outcome.Elsewhere, bytes);
    }

    private Outcome Advise(IProgramMemory memory, Operation operation)
    {
        Errno error = memory.Advise(AddressOf(operation), operation.Length, operation.Advice);
        if (operation.Advice == Hmm.Advice.Free && operation.Length <= _window.Last - _window.Start && operation.Offset % Page == 0)
        {
            byte[] bytes = Pattern((operation.Length + Page - 1) / Page * Page, 1, operation.Offset);
            for (int i = 0; i < bytes.Length; i += (int)Page)
                memory.Store(AddressOf(operation) + (ulong)i, bytes.AsSpan(i, (int)Page));
        }

        return new Outcome(error, 0, default);
    }

    private Outcome OnFile(Operation operation)
    {
        MemoryFile file = _files[operation.File - 1];
        switch (operation.Kind)
        {
            case OperationKind.Truncate:
                return new Outcome(file.Truncate(operation.Length), file.Length, default);
            case OperationKind.PunchHole:
                return new Outcome(file.PunchHole(operation.Offset, operation.Length), file.Length, default);
            case OperationKind.WriteFile:
                Errno error = file.Write(operation.Offset, Pattern(operation.Length, operation.Fill, operation.Offset));
                return new Outcome(error, file.Length, default);
            default:
                byte[] bytes = new byte[operation.Length];
                bytes.AsSpan().Fill(Outcome.Unread);
                return new Outcome(Errno.None, (ulong)file.Read(operation.Offset, bytes), bytes);
        }
    }

    private byte[] ReadAll(IProgramMemory memory, List<Mapping> mappings)
    {
        byte[] bytes = new byte[_window.Last - _window.Start + 1];
        bytes.AsSpan().Fill(Outcome.Unread);
        foreach (Mapping mapping in mappings)
        {
            if (mapping.Protection == Protection.None)
                continue;
            int step = mapping.Backing == MappingBacking.File ? (int)Page : (int)(mapping.Range.Last - mapping.Range.Start + 1);
            for (ulong at = mapping.Range.Start; at <= mapping.Range.Last; at += (ulong)step)
                memory.Load(_arena + at, bytes.AsSpan((int)at, step));
        }

        return bytes;
    }
}
