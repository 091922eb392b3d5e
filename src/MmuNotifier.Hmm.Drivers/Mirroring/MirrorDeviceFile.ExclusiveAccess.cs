namespace MmuNotifier.Hmm.Drivers.Mirroring;

/// <content>Exclusive access (<c>dmirror_exclusive</c>).</content>
public sealed partial class MirrorDeviceFile
{
    private Errno TakeExclusively(AddressRange range, ref MirrorCommandBlock result, IUserMemory user)
    {
        if (result.Pages > MaxPages)
            return Errno.NoMemory;
        ulong start = range.Start;
        while (true)
        {
            AddressRange chunk = Chunk(start, range.Last);
            ulong[] frames = new ulong[PagesOf(chunk)];
            if (Memory.MakeExclusive(chunk, Device, frames) != Errno.None || frames.Contains(0UL))
                return Errno.Busy;
            CommitTaken(chunk, frames, isExclusive: true);
            if (chunk.Last == range.Last)
                break;
            start = chunk.Last + 1;
        }

        return ReadBack(range, ref result, user);
    }
}
