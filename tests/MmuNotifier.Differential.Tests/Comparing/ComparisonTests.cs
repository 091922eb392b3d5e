using MmuNotifier.Hmm;

namespace MmuNotifier.Differential.Tests;

public sealed class ComparisonTests
{
    private const ulong Page = MirroredMemory.PageBytes;
    private const int ArenaPages = 8;
    private const Protection ReadWrite = Protection.Read | Protection.Write;

    private static readonly Operation s_compare = new() { Kind = OperationKind.Compare };

    private static readonly Operation s_map = new()
    {
        Kind = OperationKind.Map,
        Length = 4 * Page,
        Protection = ReadWrite,
        MapFlags = MapFlags.Private | MapFlags.Fixed,
    };

    [Fact]
    public void A_memory_that_forgets_to_unmap_is_found_and_the_sequence_shrinks_to_few_operations()
    {
        var comparison = new Comparison(
            () => Arena.Make(MemoryKind.Kernel, ArenaPages), () => new Side(new ForgetfulMemory(), 0x1100_0000_0000, ArenaPages));
        var operations = new List<Operation>(new OperationGenerator(seed: 1, ArenaPages).Next(300));
        operations.Add(s_map);
        operations.Add(new Operation { Kind = OperationKind.Unmap, Offset = Page, Length = 2 * Page });
        operations.Add(s_compare);
        Assert.NotNull(comparison.Run(operations));
        IReadOnlyList<Operation> smallest = new Shrinker(candidate => comparison.Run(candidate) is not null).Shrink(operations);
        Assert.InRange(smallest.Count, 1, 3);
        Assert.Contains(smallest, operation => operation.Kind == OperationKind.Unmap);
    }

    [Fact]
    public void Another_error_is_a_difference()
    {
        string? difference = new Outcome(Errno.None, 0, default).DescribeDifference(new Outcome(Errno.Exists, 0, default));
        Assert.Equal("error None against Exists", difference);
    }

    [Fact]
    public void Another_address_is_a_difference()
    {
        string? difference = new Outcome(Errno.None, Page, default).DescribeDifference(new Outcome(Errno.None, Outcome.Elsewhere, default));
        Assert.Equal("address 0x1000 against outside the arena", difference);
    }

    [Fact]
    public void Another_byte_is_a_difference()
    {
        string? difference = new Outcome(Errno.None, 0, new byte[] { 1, 2 }).DescribeDifference(
            new Outcome(Errno.None, 0, new byte[] { 1, 3 }));
        Assert.Equal("byte 1 of what was read: 0x02 against 0x03", difference);
    }

    [Theory]
    [InlineData(MemoryKind.Kernel)]
    [InlineData(MemoryKind.Simulated)]
    public void A_child_keeps_what_was_there_when_it_was_forked(MemoryKind kind)
    {
        using Side side = Arena.Make(kind, ArenaPages);
        side.Do(s_map);
        side.Do(new Operation { Kind = OperationKind.Store, Length = 1, Fill = 1 });
        side.Do(new Operation { Kind = OperationKind.Fork });
        side.Do(new Operation { Kind = OperationKind.Store, Length = 1, Fill = 2 });
        Outcome own = side.Do(new Operation { Kind = OperationKind.Load, Length = 1 });
        Outcome child = side.Do(new Operation { Kind = OperationKind.Load, Length = 1, InChild = true });
        Assert.Equal((2, 1), (own.Bytes.Span[0], child.Bytes.Span[0]));
    }

    [Theory]
    [InlineData(MemoryKind.Kernel)]
    [InlineData(MemoryKind.Simulated)]
    public void A_store_into_a_hole_is_done_up_to_the_hole(MemoryKind kind)
    {
        using Side side = Arena.Make(kind, ArenaPages);
        side.Do(s_map);
        Outcome store = side.Do(new Operation { Kind = OperationKind.Store, Offset = (4 * Page) - 1, Length = 2, Fill = 5 });
        Outcome load = side.Do(new Operation { Kind = OperationKind.Load, Offset = (4 * Page) - 1, Length = 2 });
        Assert.Equal(Errno.BadAddress, store.Error);
        Assert.Equal(Errno.BadAddress, load.Error);
        Assert.NotEqual(0, load.Bytes.Span[0]);
        Assert.Equal(Outcome.Unread, load.Bytes.Span[1]);
    }

    /// <summary>Says that it unmapped, and did not: a fault for the comparison to find.</summary>
    private sealed class ForgetfulMemory : IProgramMemory
    {
        private readonly KernelMemory _memory = new();

        public Errno Map(
            ulong address, ulong length, Protection protection, MapFlags flags, MemoryFile? file, ulong offset, out ulong mapped) =>
            _memory.Map(address, length, protection, flags, file, offset, out mapped);

        public Errno Unmap(ulong address, ulong length) =>
            length == ArenaPages * Page ? _memory.Unmap(address, length) : _memory.Protect(0, 0, ReadWrite);

        public Errno Remap(ulong address, ulong length, ulong newLength, RemapFlags flags, ulong newAddress, out ulong mapped) =>
            _memory.Remap(address, length, newLength, flags, newAddress, out mapped);

        public Errno Protect(ulong address, ulong length, Protection protection) => _memory.Protect(address, length, protection);

        public Errno Advise(ulong address, ulong length, Advice advice) => _memory.Advise(address, length, advice);

        public Errno Load(ulong address, Span<byte> destination) => _memory.Load(address, destination);

        public Errno Store(ulong address, ReadOnlySpan<byte> source) => _memory.Store(address, source);

        public MemoryFile CreateFile(ulong length) => _memory.CreateFile(length);

        public IProgramMemory Fork() => _memory.Fork();

        public IReadOnlyList<Mapping> GetMappings(AddressRange window) => _memory.GetMappings(window);

        public string? FindUnannounced(AddressRange window) => _memory.FindUnannounced(window);

        public void Dispose() => _memory.Dispose();
    }
}
