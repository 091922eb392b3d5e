using MmuNotifier.Hmm;
using MmuNotifier.Hmm.Drivers.Mirroring;
using MmuNotifier.Simulation;

namespace MmuNotifier.Exploration.Scenarios.Mirroring;

/// <summary>
/// One mirror device, opened twice on one address space: through one file a page moves back to the system and another page takes over its
/// frame; through the other file the first page is written and read meanwhile. No write is lost, and no read finds the other page.
/// </summary>
internal sealed class TwoOpensOfOneDevice : Scenario
{
    private const ulong Page = MirroredMemory.PageBytes;
    private const ulong First = Page;
    private const ulong Second = 2 * Page;

    private readonly SimulatedMemory _memory = NewMemory();
    private readonly MirrorDevice _device = NewDevice();
    private MirrorDeviceFile _mover = null!;
    private MirrorDeviceFile _user = null!;

    public override void Check()
    {
        Span<byte> seen = stackalloc byte[1];
        Expect(_memory.Load(First, seen));
        Explore.Assert(seen[0] == 11, $"The CPU reads {seen[0]} from the first page, not the 11 that the device wrote.");
        Expect(_memory.Load(Second, seen));
        Explore.Assert(seen[0] == 2, $"The CPU reads {seen[0]} from the second page, not 2.");
        _mover.Dispose();
        _user.Dispose();
        _memory.Dispose();
        _device.Dispose();
    }

    protected override IEnumerable<Action> Setup()
    {
        Expect(_memory.Map(First, 2 * Page, Protection.Read | Protection.Write, MapFlags.Fixed | MapFlags.Private, out _));
        Expect(_memory.Store(First, [1]));
        Expect(_memory.Store(Second, [2]));
        _mover = _device.Open(_memory);
        _user = _device.Open(_memory);
        Run(_mover, MirrorCommand.MigrateToDevice, First, new byte[Page]);
        return [Mover, User];
    }

    private void Mover()
    {
        NamedStep.Note("the first page moves back");
        Run(_mover, MirrorCommand.MigrateToSystem, First, []);
        NamedStep.Note("the second page moves to the device");
        byte[] read = new byte[Page];
        // Without a free frame it stays: the device's other user may have kept the first one there.
        if (Run(_mover, MirrorCommand.MigrateToDevice, Second, read) == Errno.None)
            Explore.Assert(read[0] == 2, $"The device has {read[0]} for the second page, not 2.");
    }

    private void User()
    {
        byte[] bytes = new byte[Page];
        bytes[0] = 11;
        NamedStep.Note("the other file writes the first page");
        Expect(Run(_user, MirrorCommand.Write, First, bytes));
        NamedStep.Note("the other file reads the first page");
        Expect(Run(_user, MirrorCommand.Read, First, bytes));
        Explore.Assert(bytes[0] == 11, $"The other file reads {bytes[0]} from the first page, not 11.");
    }

    private static SimulatedMemory NewMemory() =>
        new(new SimulatedMachine(new SimulatedMachineOptions { Frames = 1024, HugeTlbPages = 0, TransparentHugePages = false }));

    private static MirrorDevice NewDevice() => new(0, capacityPages: 1);

    private static Errno Run(MirrorDeviceFile file, MirrorCommand command, ulong address, byte[] bytes)
    {
        var block = new MirrorCommandBlock { Address = address, Pages = 1 };
        return file.Execute(command, ref block, new Buffer(bytes));
    }

    private static void Expect(Errno error) => Explore.Assert(error == Errno.None, $"A command or a touch got {error}.");

    private sealed class Buffer(byte[] bytes) : IUserMemory
    {
        public Errno Read(ulong address, Span<byte> destination)
        {
            bytes.CopyTo(destination);
            return Errno.None;
        }

        public Errno Write(ulong address, ReadOnlySpan<byte> source)
        {
            source.CopyTo(bytes);
            return Errno.None;
        }
    }
}
