using MmuNotifier.Linux;

namespace MmuNotifier.FaultInjection;

/// <summary>Looks for written pages of this process's own memory: whatever fails, no write is missed.</summary>
internal sealed class WriteWatchOperation : Operation
{
    private const int Rounds = 4;

    internal override string Name => "writes";

    internal override string? Run(Injector injector, FaultCase? faultCase)
    {
        AddressRange pages = OwnPages.Map(8);
        OwnPages.BytesOf(pages).Fill(1);
        injector.Arm(faultCase);
        try
        {
            using var watch = new LinuxMemoryWatch(new AddressSpace());
            if (!watch.TryWatchWrites(pages, out WriteWatch? writes))
                return watch.Failure is null ? null : CheckMessage(watch.Failure);
            using (writes)
            {
                string? problem = null;
                for (int round = 0; round < Rounds && problem is null; round++)
                    problem = RunRound(writes, pages, round);
                injector.Disarm();
                return problem ?? RunRound(writes, pages, Rounds); // Again, when nothing fails any more.
            }
        }
        finally
        {
            injector.Disarm();
            OwnPages.Unmap(pages);
        }
    }

    private static string? RunRound(WriteWatch writes, AddressRange pages, int round)
    {
        int page = round % 4;
        OwnPages.BytesOf(pages)[page * 4096] = (byte)round;
        if (round == 2)
            OwnPages.Drop(AddressRange.FromLength(pages.Start + 0x5000, 0x1000));
        var written = new List<AddressRange>();
        writes.TakeWritten(written);
        ulong address = pages.Start + ((ulong)page * 4096);
        bool isSeen = written.Exists(range => range.Start <= address && address <= range.Last);
        bool isDropSeen = round != 2 || written.Exists(range => range.Last >= pages.Start + 0x5fff);
        return !isSeen ? "a write was missed" : isDropSeen ? null : "a dropped page does not count as written";
    }
}
