using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests.Proc;

public sealed class SmapsReaderTests
{
    [Fact]
    public void Flags_of_a_droppable_and_a_registered_mapping_are_read()
    {
        using var droppable = new NativeMemory(1, flags: 0x28);
        using UserfaultfdDescriptor watch = OwnUserfaultfd.Asynchronous();
        using var watched = new NativeMemory(1);
        watch.Register(watched.Start, watched.Last);
        Assert.SkipUnless(droppable.Exists, "no MAP_DROPPABLE in this kernel");
        Dictionary<ulong, MappingFlags> flags = SmapsReader.Read(
            Environment.ProcessId, new HashSet<ulong> { droppable.Start, watched.Start }, out Errno error);
        Assert.Equal(Errno.None, error);
        // The kernel wipes droppable memory on fork, too, and leaves it out of cores.
        const MappingFlags droppableFlags =
            MappingFlags.Readable | MappingFlags.Droppable | MappingFlags.WipedOnFork | MappingFlags.LeftOutOfCores;
        Assert.Equal(droppableFlags, flags[droppable.Start]);
        Assert.Equal(MappingFlags.Readable | MappingFlags.WriteProtectRegistered, flags[watched.Start]);
    }

    [Fact]
    public void Smaps_of_nobody_is_an_error()
    {
        Assert.Empty(SmapsReader.Read(int.MaxValue, new HashSet<ulong>(), out Errno error));
        Assert.Equal(Errno.NoProcess, error);
    }
}
