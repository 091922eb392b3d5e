using MmuNotifier.Hmm;
using MmuNotifier.Linux;

namespace MmuNotifier.FaultInjection;

/// <summary>This process's own memory, with pages that go to a device and come back, fork, files.</summary>
internal sealed unsafe class MigrateOperation : Operation
{
    private const int Pages = 4;
    private const ulong PageBytes = OwnPages.Bytes;

    internal override string Name => "migrate";

    internal override string? Run(Injector injector, FaultCase? faultCase)
    {
        object owner = new();
        using var device = new DeviceMemory(DeviceMemoryKind.Private, owner, 16);
        injector.Arm(faultCase);
        try
        {
            using var memory = new LinuxMemory();
            string? problem = null;
            for (int round = 1; round <= 4 && problem is null; round++)
            {
                if (round == 4)
                    injector.Disarm();
                problem = RunRound(memory, device, owner, (byte)round);
            }

            if (problem is null)
                problem = Fork(memory);
            return problem;
        }
        catch (InvalidOperationException refusal)
        {
            return CheckMessage(refusal.Message);
        }
        finally
        {
            injector.Disarm();
        }
    }

    private static string? RunRound(LinuxMemory memory, DeviceMemory device, object owner, byte value)
    {
        if (memory.Map(0, Pages * PageBytes, Protection.Read | Protection.Write, MapFlags.Private, out ulong address) != Errno.None)
            return null;
        var range = AddressRange.FromLength(address, Pages * PageBytes);
        new Span<byte>((void*)address, (int)(Pages * PageBytes)).Fill(value);
        string? problem = Migrate(memory, device, owner, range);
        if (problem is null && Touched(range) != value)
            problem = "a page that came back is wrong";
        problem ??= Migrate(memory, device, owner, range);
        if (memory.Remap(address, Pages * PageBytes, Pages * PageBytes, RemapFlags.MayMove, out ulong moved) == Errno.None)
            range = AddressRange.FromLength(moved, Pages * PageBytes);
        if (problem is null && Touched(range) != value)
            problem = "a page that moved is wrong";
        var frames = new ulong[Pages];
        memory.MakeExclusive(range, owner, frames);
        if (problem is null && Touched(range) != value)
            problem = "a page that was exclusive is wrong";
        if (memory.Advise(range.Start, PageBytes, Advice.DontNeed) == Errno.None && *(byte*)range.Start != 0)
            problem ??= "a page that was dropped is still there";
        memory.Unmap(range.Start, Pages * PageBytes);
        return problem;
    }

    private static string? Migrate(LinuxMemory memory, DeviceMemory device, object owner, AddressRange range)
    {
        using var migration = new PageMigration(memory, range, MigrateSelect.System, owner);
        if (migration.Collect() != Errno.None)
            return null;
        var frames = new ulong[Pages];
        for (int i = 0; i < Pages; i++)
        {
            if (migration.Pages[i].CanMove && device.TryAllocate(out frames[i]))
                migration.Pages[i].DestinationFrame = frames[i];
        }

        migration.Copy();
        migration.Finish();
        for (int i = 0; i < Pages; i++)
        {
            if (frames[i] != 0 && !migration.Pages[i].IsMoved)
                device.Free(frames[i]);
        }

        return null;
    }

    private static string? Fork(LinuxMemory memory)
    {
        if (memory.Map(0, PageBytes, Protection.Read | Protection.Write, MapFlags.Private, out ulong address) != Errno.None)
            return null;
        *(byte*)address = 42;
        using VirtualMemory child = memory.Fork();
        byte[] loaded = new byte[1];
        Errno error = child.Load(address, loaded);
        return error == Errno.None && loaded[0] != 42 ? "the child's memory is wrong" : null;
    }

    private static int Touched(AddressRange range)
    {
        int value = *(byte*)range.Start;
        for (ulong i = 0; i < Pages * PageBytes; i += 128)
        {
            if (((byte*)range.Start)[i] != value)
                return -1;
        }

        return value;
    }
}
