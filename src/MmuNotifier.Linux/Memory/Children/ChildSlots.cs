using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <summary>
/// The slots of all children, in one piece of shared memory: made before the first fork, so that children of children find theirs too.
/// </summary>
internal static unsafe class ChildSlots
{
    private const int Count = 4096;

    private static readonly Lock s_lock = new();
    private static readonly Stack<nint> s_free = new();
    private static readonly nint s_first = MapAll();
    private static int s_used;

    /// <summary>A slot as a new child needs it; null if there are too many children.</summary>
    internal static ChildSlot* Take()
    {
        nint address;
        lock (s_lock)
        {
            if (!s_free.TryPop(out address))
            {
                if (s_first == 0 || s_used == Count)
                    return null;
                address = s_first + (s_used++ * ChildSlot.SizeBytes);
            }
        }

        var slot = (ChildSlot*)address;
        *slot = new ChildSlot { ParentId = Environment.ProcessId, AllSignals = ulong.MaxValue };
        slot->Interval[0] = 1;
        return slot;
    }

    /// <summary>Gives back the slot of a child that has been reaped.</summary>
    internal static void Return(ChildSlot* slot)
    {
        lock (s_lock)
            s_free.Push((nint)slot);
    }

    private static nint MapAll()
    {
        const int sharedAnonymous = 0x21;
        long result = Syscall.MapAnonymous(
            0, Count * ChildSlot.SizeBytes, (int)(Protection.Read | Protection.Write), sharedAnonymous, 0);
        return result < 0 ? 0 : (nint)result;
    }
}
