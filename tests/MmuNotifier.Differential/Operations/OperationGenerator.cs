using MmuNotifier.Hmm;

namespace MmuNotifier.Differential;

/// <summary>Random operations on an arena. The same seed gives the same operations.</summary>
/// <remarks>
/// Unmapping and mapping are in such proportion that about half of the arena is mapped. A few calls are wrong on purpose: not aligned, of
/// no length, past the end of the address space. None of them can reach memory outside the arena.
/// </remarks>
public sealed class OperationGenerator
{
    private const ulong Page = MirroredMemory.PageBytes;
    private const int FewPages = 12;

    // How many of the operations are forks or ends of a child.
    private const double ForkShare = 0.004;

    private static readonly Protection[] s_protections =
    [
        Protection.Read | Protection.Write, Protection.Read | Protection.Write, Protection.Read | Protection.Write, Protection.Read,
        Protection.None, Protection.Read | Protection.Execute, Protection.Write, Protection.Read | Protection.Write | Protection.Execute,
    ];

    private static readonly Advice[] s_advice =
    [
        Advice.DontNeed, Advice.DontNeed, Advice.DontNeed, Advice.Free, Advice.Remove, Advice.Remove, Advice.DontFork, Advice.DoFork,
        Advice.WipeOnFork, Advice.KeepOnFork, Advice.PopulateRead, Advice.PopulateWrite, Advice.HugePage, Advice.NoHugePage,
    ];

    private readonly Random _random;
    private readonly ulong _pages;
    private readonly int _compareEvery;

    /// <summary>Makes a generator.</summary>
    /// <param name="seed">Any number.</param>
    /// <param name="arenaPages">Pages of the arena.</param>
    /// <param name="compareEvery">After how many operations everything is compared, on average.</param>
    public OperationGenerator(int seed, int arenaPages, int compareEvery = 24)
    {
        _random = new Random(seed);
        _pages = (ulong)arenaPages;
        _compareEvery = compareEvery;
    }

    /// <summary>The next operations, with a comparison at the end.</summary>
    /// <param name="count">How many.</param>
    public IReadOnlyList<Operation> Next(int count)
    {
        var operations = new List<Operation>(count);
        while (operations.Count < count - 1)
            operations.Add(_random.Next(_compareEvery) == 0 ? new Operation { Kind = OperationKind.Compare } : NextOperation());
        operations.Add(new Operation { Kind = OperationKind.Compare });
        return operations;
    }

    private Operation NextOperation()
    {
        if (_random.NextDouble() < ForkShare)
            return new Operation { Kind = _random.Next(3) == 0 ? OperationKind.Exit : OperationKind.Fork };
        int kind = _random.Next(100);
        Operation operation = kind switch
        {
            < 16 => Map(),
            < 22 => new Operation { Kind = OperationKind.Unmap },
            < 32 => new Operation { Kind = OperationKind.Protect, Protection = s_protections[_random.Next(s_protections.Length)] },
            < 41 => Remap(),
            < 52 => new Operation { Kind = OperationKind.Advise, Advice = s_advice[_random.Next(s_advice.Length)] },
            < 68 => Access(OperationKind.Load),
            < 90 => Access(OperationKind.Store),
            _ => OnFile(),
        };
        if (operation.Kind is OperationKind.Unmap or OperationKind.Protect or OperationKind.Advise)
        {
            (ulong offset, ulong length) = SomePages();
            operation = operation with { Offset = offset, Length = length };
        }

        if (operation.File == 0 || operation.Kind == OperationKind.Map)
            operation = operation with { InChild = _random.Next(4) == 0 };
        return _random.Next(50) == 0 ? Spoil(operation) : operation;
    }

    private Operation Map()
    {
        (ulong offset, ulong length) = SomePages();
        int file = _random.Next(2) == 0 ? 0 : _random.Next(1, Side.Files + 1);
        MapFlags flags = (_random.Next(3) == 0 ? MapFlags.Shared : MapFlags.Private)
            | _random.Next(8) switch { 0 => MapFlags.FixedNoReplace, 1 => MapFlags.None, _ => MapFlags.Fixed };
        if (_random.Next(8) == 0)
            flags |= MapFlags.Populate;
        bool isPlaced = (flags & (MapFlags.Fixed | MapFlags.FixedNoReplace)) != 0;
        return new Operation
        {
            Kind = OperationKind.Map,
            Offset = isPlaced ? offset : Operation.Anywhere,
            Length = length - (ulong)(_random.Next(6) == 0 ? _random.Next((int)Page) : 0),
            Protection = s_protections[_random.Next(s_protections.Length)],
            MapFlags = flags,
            File = file,
            FileOffset = file == 0 ? 0 : (ulong)_random.Next(FewPages) * Page,
        };
    }

    private Operation Remap()
    {
        (ulong offset, ulong length) = SomePages();
        RemapFlags flags = _random.Next(6) switch
        {
            0 => RemapFlags.None,
            1 => RemapFlags.MayMove,
            2 => RemapFlags.MayMove | RemapFlags.Fixed | RemapFlags.DontUnmap,
            3 => RemapFlags.MayMove | RemapFlags.DontUnmap,
            _ => RemapFlags.MayMove | RemapFlags.Fixed,
        };
        (ulong newOffset, ulong newLength) = SomePages();
        bool isFixed = (flags & RemapFlags.Fixed) != 0;
        if (_random.Next(2) == 0 || (flags & RemapFlags.DontUnmap) != 0)
            newLength = Math.Min(length, (_pages * Page) - newOffset);
        newLength = isFixed ? newLength : Math.Min(newLength, (_pages * Page) - offset);
        return new Operation
        {
            Kind = OperationKind.Remap,
            Offset = offset,
            Length = length,
            NewOffset = isFixed ? newOffset : 0,
            NewLength = newLength,
            RemapFlags = flags,
        };
    }

    private Operation Access(OperationKind kind)
    {
        ulong end = _pages * Page;
        ulong offset = (ulong)_random.NextInt64((long)end);
        ulong length = (ulong)(_random.Next(4) == 0 ? _random.Next(1, 4 * (int)Page) : _random.Next(1, 64));
        return new Operation
        {
            Kind = kind,
            Offset = offset,
            Length = Math.Min(length, end - offset),
            Fill = kind == OperationKind.Store ? (byte)_random.Next(1, 256) : (byte)0,
        };
    }

    private Operation OnFile()
    {
        ulong offset = (ulong)_random.Next(FewPages) * Page;
        if (_random.Next(2) == 0)
            offset += (ulong)_random.Next((int)Page);
        OperationKind kind = _random.Next(6) switch
        {
            0 => OperationKind.Truncate,
            1 => OperationKind.PunchHole,
            < 4 => OperationKind.ReadFile,
            _ => OperationKind.WriteFile,
        };
        return new Operation
        {
            Kind = kind,
            File = _random.Next(1, Side.Files + 1),
            Offset = kind == OperationKind.Truncate ? 0 : offset,
            Length = kind == OperationKind.Truncate ? offset : (ulong)_random.Next(1, 3 * (int)Page),
            Fill = kind == OperationKind.WriteFile ? (byte)_random.Next(1, 256) : (byte)0,
        };
    }

    private Operation Spoil(Operation operation)
    {
        bool hasAddress = operation.Kind is OperationKind.Map or OperationKind.Unmap or OperationKind.Protect or OperationKind.Remap
            or OperationKind.Advise;
        if (!hasAddress)
            return operation;
        return _random.Next(7) switch
        {
            0 => operation with { Length = 0 },
            1 => operation with { Offset = operation.Offset == Operation.Anywhere ? operation.Offset : operation.Offset + 8 },
            2 => operation with { Length = ulong.MaxValue - (Page / 2) },
            3 when operation.Kind == OperationKind.Map => operation with { FileOffset = operation.FileOffset + 512 },
            3 => operation with { Length = ulong.MaxValue - (8 * Page) + 1 },
            4 when operation.Kind == OperationKind.Map =>
                operation with { MapFlags = operation.MapFlags & ~(MapFlags.Shared | MapFlags.Private) },
            4 when operation.Kind == OperationKind.Remap => operation with { NewLength = 0 },
            5 when operation.Kind == OperationKind.Remap => operation with { NewOffset = operation.NewOffset + 8 },
            6 when operation.Kind == OperationKind.Remap => operation with { RemapFlags = operation.RemapFlags & ~RemapFlags.MayMove },
            _ => operation with { Length = Math.Max(operation.Length, 1) - 1 },
        };
    }

    /// <summary>Whole pages of the arena: mostly few, sometimes up to all.</summary>
    private (ulong Offset, ulong Length) SomePages()
    {
        ulong first = (ulong)_random.NextInt64((long)_pages);
        ulong most = _random.Next(10) == 0 ? _pages : FewPages;
        ulong count = (ulong)_random.NextInt64(1, (long)most + 1);
        return (first * Page, Math.Min(count, _pages - first) * Page);
    }
}
