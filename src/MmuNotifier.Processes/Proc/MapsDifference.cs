using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>What became of a range between two snapshots.</summary>
[Flags]
internal enum MappingChangeKind : byte
{
    None = 0,
    Vanished = 1,
    Appeared = 2,
    ProtectionChanged = 4,

    /// <summary>Other memory is mapped there: another file, another place in it, shared in place of private, another kind.</summary>
    BackingChanged = 8,
}

/// <summary>A range [Start, Last] of which all has changed alike, with what it was and what it is (default if nothing).</summary>
internal readonly record struct MappingChange(
    MappingChangeKind Kind, ulong Start, ulong Last, ProcessMapping Before, ProcessMapping After);

/// <summary>Compares two snapshots of the mappings.</summary>
internal static class MapsDifference
{
    /// <summary>
    /// Appends what differs, in the order of addresses. Only the memory counts: where the kernel draws the line between two mappings, as
    /// registration makes it do, is no difference. Memory that was unmapped and mapped again in the same way in between is not seen: that
    /// is what the events report.
    /// </summary>
    internal static void Compare(
        ReadOnlySpan<ProcessMapping> before, ReadOnlySpan<ProcessMapping> after, List<MappingChange> changes)
    {
        int first = changes.Count;
        int b = 0;
        int a = 0;
        ulong position = 0;
        while (b < before.Length || a < after.Length)
        {
            ulong beforeStart = b < before.Length ? Math.Max(before[b].Start, position) : ulong.MaxValue;
            ulong afterStart = a < after.Length ? Math.Max(after[a].Start, position) : ulong.MaxValue;
            ulong start = Math.Min(beforeStart, afterStart);
            bool inBefore = beforeStart == start;
            bool inAfter = afterStart == start;
            ulong last = Math.Min(
                inBefore ? before[b].Last : beforeStart - 1,
                inAfter ? after[a].Last : afterStart - 1);
            var change = new MappingChange(
                MappingChangeKind.None, start, last, inBefore ? before[b] : default, inAfter ? after[a] : default);
            AddOrExtend(change with { Kind = KindOf(in change, inBefore, inAfter) }, first, changes);
            if (inBefore && before[b].Last == last)
                b++;
            if (inAfter && after[a].Last == last)
                a++;
            position = last + 1;
        }
    }

    /// <summary>Whether two mappings are neighbours that differ in nothing but their place, as one that registration has split.</summary>
    internal static bool AreOne(in ProcessMapping left, in ProcessMapping right) =>
        left.Last + 1 == right.Start && left.Protection == right.Protection && left.Name == right.Name && SameBacking(in left, in right);

    private static MappingChangeKind KindOf(in MappingChange change, bool inBefore, bool inAfter)
    {
        if (!inAfter)
            return MappingChangeKind.Vanished;
        if (!inBefore)
            return MappingChangeKind.Appeared;
        ProcessMapping before = change.Before;
        ProcessMapping after = change.After;
        return (before.Protection == after.Protection ? MappingChangeKind.None : MappingChangeKind.ProtectionChanged)
            | (SameBacking(in before, in after) ? MappingChangeKind.None : MappingChangeKind.BackingChanged);
    }

    // Names do not count: a file's changes when it is deleted, that of anonymous memory at the program's will.
    private static bool SameBacking(in ProcessMapping left, in ProcessMapping right) =>
        left.Shared == right.Shared
        && left.Device == right.Device
        && left.Inode == right.Inode
        && left.IsKernelOwned == right.IsKernelOwned
        && (!left.IsFileBacked || left.Offset - left.Start == right.Offset - right.Start);

    private static void AddOrExtend(in MappingChange change, int first, List<MappingChange> changes)
    {
        if (change.Kind == MappingChangeKind.None)
            return;
        if (changes.Count > first)
        {
            MappingChange previous = changes[^1];
            if (previous.Kind == change.Kind && previous.Last + 1 == change.Start
                && Continues(previous.Before, change.Before) && Continues(previous.After, change.After))
            {
                changes[^1] = previous with { Last = change.Last };
                return;
            }
        }

        changes.Add(change);
    }

    private static bool Continues(in ProcessMapping left, in ProcessMapping right) =>
        left == right || (left.Protection == right.Protection && left.Name == right.Name && SameBacking(in left, in right));
}
