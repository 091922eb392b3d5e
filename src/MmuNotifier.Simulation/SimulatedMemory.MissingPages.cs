using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <content>Missing pages that a program brings (userfaultfd).</content>
public sealed partial class SimulatedMemory
{
    /// <inheritdoc/>
    public override Errno AnswerMissing(ulong address, ulong length, MissingPageAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ulong size = PageAlign(length);
        if (!IsPageAligned(address) || size == 0 || size > ulong.MaxValue - address)
            return Errno.InvalidArgument;
        ulong end = address + size;
        using (_mappingLock.Hold())
        {
            if (_areas.At(address) is not { IsPlainAnonymous: true } area || area.End < end)
                return Errno.InvalidArgument;
            if (area.Answer is not null)
                return Errno.Busy;
            Errno error = SplitFor(address, end);
            if (error != Errno.None)
                return error;
            using (TableLock.Hold())
                _areas.At(address)!.Answer = answer;
            return Errno.None;
        }
    }

    /// <summary>Not under the page-table lock; the mapping stays as it is. The page is made if it is still missing.</summary>
    private Errno Ask(Area area, ulong page)
    {
        _mappingLock.AssertHeld();
        Span<byte> content = stackalloc byte[PageBytes];
        content.Clear();
        area.Answer!(page, content);
        using (TableLock.Hold())
        {
            if (_table.Get(page).State != PageState.None)
                return Errno.Again;
            if (!Frames.TryAllocate(out ulong frame))
                return Errno.NoMemory;
            area.HasAnonymous = true;
            Errno error = Frames.Write(frame, 0, content);
            _table.Set(page, new Pte { State = PageState.Present, Frame = frame, IsWritable = area.IsWritable });
            return error;
        }
    }
}
