using System.Buffers.Binary;
using MmuNotifier.Linux.Native;

namespace MmuNotifier.Processes.Ptrace;

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
    private const ulong PageSize = 4096;
    private const ulong RedZone = 128;
    internal const ulong Alignment = 64;

    /// <summary>Room below the frame for signal handlers that run on it, should this process die in the middle.</summary>
    internal const ulong HandlerRoom = 16 * 1024;

    /// <summary>How far above the low end the frame begins: near enough to stay clear of the stack in use.</summary>
    private const ulong FurthestFromLowEnd = 64 * 1024;

    /// <summary>How much the main stack must grow for an area of that size.</summary>
    internal static ulong RoomFor(int size) => ((ulong)size + Alignment + HandlerRoom + RedZone + PageSize) & ~(PageSize - 1);

    /// <summary>Gives the lowest address of an area of that size, or 0.</summary>
    /// <param name="processId">The target, all of whose threads are stopped.</param>
    /// <param name="mappings">Its mappings.</param>
    /// <param name="stackPointer">The stack pointer of the thread that is to make the call.</param>
    /// <param name="allStackPointers">Those of all threads.</param>
    /// <param name="size">How many bytes are needed.</param>
    internal static ulong Find(
        int processId, IReadOnlyList<TargetMapping> mappings, ulong stackPointer, IReadOnlyList<ulong> allStackPointers, int size)
    {
        ulong needed = (ulong)size + Alignment;
        TargetMapping stack = mappings.FirstOrDefault(mapping => mapping.IsMainStack && mapping.Access.StartsWith("rw", StringComparison.Ordinal));
        if (stack.End != 0)
        {
            ulong inUse = allStackPointers.Where(stack.Contains).DefaultIfEmpty(stack.End).Min();
            ulong unused = CountUnused(processId, stack with { End = Math.Max(stack.Start, inUse - RedZone) });
            if (unused >= needed + HandlerRoom)
                return AlignDown(stack.Start + Math.Min(unused, FurthestFromLowEnd) - needed);
        }

        int index = IndexOf(mappings, stackPointer);
        if (index < 0 || !IsPlainStack(mappings, index))
            return 0;
        ulong room = stackPointer - RedZone - mappings[index].Start;
        return room < stackPointer && room >= needed + HandlerRoom ? AlignDown(stackPointer - RedZone - needed) : 0;
    }

    internal static ulong AlignDown(ulong address) => address & ~(Alignment - 1);

    private static int IndexOf(IReadOnlyList<TargetMapping> mappings, ulong address)
    {
        for (int i = 0; i < mappings.Count; i++)
        {
            if (mappings[i].Contains(address))
                return i;
        }

        return -1;
    }

    private static bool IsPlainStack(IReadOnlyList<TargetMapping> mappings, int index)
    {
        TargetMapping mapping = mappings[index];
        if (mapping.Access != "rw-p")
            return false;
        if (mapping.IsMainStack)
            return true;
        bool anonymous = mapping.Path.Length == 0 || mapping.Path.StartsWith("[anon", StringComparison.Ordinal);
        return anonymous && index > 0 && mappings[index - 1] is { Access: "---p" } guard && guard.End == mapping.Start;
    }

    /// <summary>How many bytes from the low end on lie in pages that do not exist or hold only zeros.</summary>
    private static ulong CountUnused(int processId, TargetMapping area)
    {
        int pages = (int)Math.Min((area.End - area.Start) / PageSize, FurthestFromLowEnd / PageSize);
        byte[] entries = new byte[pages * sizeof(ulong)];
        try
        {
            using FileStream file = Syscall.OpenToRead($"/proc/{processId}/pagemap");
            file.Position = (long)(area.Start / PageSize * sizeof(ulong));
            entries = entries[..file.ReadAtLeast(entries, entries.Length, throwOnEndOfStream: false)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }

        ulong count = 0;
        while ((int)count < entries.Length / sizeof(ulong)
            && IsUnused(processId, area.Start + count * PageSize, BinaryPrimitives.ReadUInt64LittleEndian(entries.AsSpan((int)count * sizeof(ulong)))))
            count++;
        return count * PageSize;
    }

    private static bool IsUnused(int processId, ulong page, ulong pagemapEntry)
    {
        const int presentOrSwapped = 62;
        if (pagemapEntry >> presentOrSwapped == 0)
            return true;
        Span<byte> content = stackalloc byte[(int)PageSize];
        return TargetMemory.Read(processId, page, content) == content.Length && !content.ContainsAnyExcept((byte)0);
    }
}
