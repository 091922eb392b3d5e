using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>Finds memory of the target for a signal frame, where nobody of the target looks.</summary>
/// <remarks>
/// <para>
/// First choice, for any thread: pages at the low end of the main stack that were never touched, or are all zero as an earlier call
/// left them, and below every stack pointer there. Nothing can live in them, whatever the thread's own stack is (a goroutine's, a
/// coroutine's, an alternate signal stack inside another): a stack in use, even one switched away from, ends in a return address.
/// </para>
/// <para>
/// Else below the red zone of the thread's own stack, where the kernel would put a signal frame too, but only when it is plainly a
/// stack: the main one, or a mapping with a guard below it. A heap in which a runtime keeps small stacks is not.
/// </para>
/// </remarks>
internal static class ScratchArea
{
    private const MappingProtection ReadWrite = MappingProtection.Read | MappingProtection.Write;
    private const ulong RedZone = 128;
    internal const ulong Alignment = 64;

    /// <summary>Room below the frame for signal handlers that run on it, should this process die in the middle.</summary>
    internal const ulong HandlerRoom = 16 * 1024;

    /// <summary>How far above the low end the frame begins: near enough to stay clear of the stack in use.</summary>
    private const ulong FurthestFromLowEnd = 64 * 1024;

    /// <summary>How much the main stack must grow for an area of that size.</summary>
    internal static ulong RoomFor(int size) => PageSize.StartOf((ulong)size + Alignment + HandlerRoom + RedZone + PageSize.Bytes);

    /// <summary>Gives the lowest address of an area of that size, or 0.</summary>
    /// <param name="processId">The target, all of whose threads are stopped.</param>
    /// <param name="mappings">Its mappings.</param>
    /// <param name="stackPointer">The stack pointer of the thread that is to make the call.</param>
    /// <param name="allStackPointers">Those of all threads.</param>
    /// <param name="size">How many bytes are needed.</param>
    internal static ulong Find(
        int processId, TargetMappings mappings, ulong stackPointer, IReadOnlyList<ulong> allStackPointers, int size)
    {
        ulong needed = (ulong)size + Alignment;
        if (mappings.FindMainStack() is { } stack && (stack.Protection & ReadWrite) == ReadWrite)
        {
            ulong inUse = allStackPointers.Where(pointer => stack.Contains(pointer)).DefaultIfEmpty(stack.Last + 1).Min();
            ulong unused = CountUnused(processId, stack.Start, Math.Max(stack.Start, inUse - RedZone) - stack.Start);
            if (unused >= needed + HandlerRoom)
                return AlignDown(stack.Start + Math.Min(unused, FurthestFromLowEnd) - needed);
        }

        if (mappings.Find(stackPointer) is not { } own || !IsPlainStack(mappings, own))
            return 0;
        ulong room = stackPointer - RedZone - own.Start;
        return room < stackPointer && room >= needed + HandlerRoom ? AlignDown(stackPointer - RedZone - needed) : 0;
    }

    internal static ulong AlignDown(ulong address) => address & ~(Alignment - 1);

    private static bool IsPlainStack(TargetMappings mappings, in ProcessMapping mapping)
    {
        if (mapping.Protection != ReadWrite || mapping.Shared)
            return false;
        if (mapping.IsMainStack)
            return true;
        bool anonymous = mapping.Name.Length == 0 || mapping.Name.StartsWith("[anon", StringComparison.Ordinal);
        return anonymous && mapping.Start > 0
            && mappings.Find(mapping.Start - 1) is { Protection: MappingProtection.None, Shared: false };
    }

    /// <summary>How many bytes from the low end on lie in pages that do not exist or hold only zeros.</summary>
    private static ulong CountUnused(int processId, ulong start, ulong length)
    {
        ulong[] entries = new ulong[Math.Min(length, FurthestFromLowEnd) / PageSize.Bytes];
        using PageMap? pageMap = PageMap.Open(processId, out _);
        if (pageMap is null || !pageMap.ReadEntries(start, entries))
            return 0;
        ulong count = 0;
        while (count < (ulong)entries.Length && IsUnused(processId, start + (count * PageSize.Bytes), entries[count]))
            count++;
        return count * PageSize.Bytes;
    }

    private static bool IsUnused(int processId, ulong page, ulong pagemapEntry)
    {
        if ((pagemapEntry & (PageTableEntries.Present | PageTableEntries.Swapped)) == 0)
            return true;
        Span<byte> content = stackalloc byte[(int)PageSize.Bytes];
        return TargetMemory.Read(processId, page, content) == content.Length && !content.ContainsAnyExcept((byte)0);
    }
}
