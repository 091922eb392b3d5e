using System.Globalization;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// Tells whether the files behind mappings were changed since the last look: by write(2), truncation or a hole, which no event and no scan
/// shows. A file whose time of change is very recent may be changed again within the same tick of the clock, so it counts as changed at
/// the next look as well.
/// </summary>
/// <param name="threadId">Gives a thread of the process that lives: a main thread that has ended shows no files.</param>
internal sealed class FileStamps(Func<int> threadId)
{
    private static readonly TimeSpan ClockTick = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<FileIdentity, Stamp> _stamps = [];
    private readonly Dictionary<FileIdentity, bool> _answers = [];

    /// <summary>
    /// Begins a look at the files. In one look every mapping of a file gets the same answer, not only the first one that asks.
    /// </summary>
    internal void BeginLook() => _answers.Clear();

    /// <summary>Notes how a file is before the first copy of it is made, so that the first look has something to compare with.</summary>
    internal void Note(in ProcessMapping mapping)
    {
        FileIdentity file = FileIdentity.Of(in mapping);
        if (!_stamps.ContainsKey(file) && TryStatus(in mapping, file, out FileStatus status))
            _stamps[file] = Stamp.Of(in status);
    }

    /// <summary>Whether the file may have changed since the look before this one, or since it was noted.</summary>
    /// <param name="mapping">A mapping of it.</param>
    /// <param name="showsWrites">Whether a look at the page table tells which pages were written through this mapping.</param>
    /// <remarks>
    /// A write through a mapping changes the time as well (docs/linux-facts.md, fact 27). Of memory that has no descriptor it is the only
    /// reason, so that a page table that shows the writes tells more.
    /// </remarks>
    internal bool MayHaveChanged(in ProcessMapping mapping, bool showsWrites)
    {
        if (showsWrites && mapping.HasNoDescriptor)
            return false;
        FileIdentity file = FileIdentity.Of(in mapping);
        if (_answers.TryGetValue(file, out bool answer))
            return answer;
        if (!TryStatus(in mapping, file, out FileStatus status))
            return true; // Nobody can say: a file without a name can still be written through a descriptor.
        bool known = _stamps.TryGetValue(file, out Stamp previous);
        Stamp current = Stamp.Of(in status);
        _stamps[file] = current;
        return _answers[file] = !known || !previous.IsSettled || previous != current;
    }

    private bool TryStatus(in ProcessMapping mapping, FileIdentity file, out FileStatus status)
    {
        // The first needs CAP_CHECKPOINT_RESTORE but finds deleted files and memfds, too.
        string link = string.Create(
            CultureInfo.InvariantCulture, $"/proc/{threadId()}/map_files/{mapping.Start:x}-{mapping.Last + 1:x}");
        if (Syscall.Status(link, out status) == Errno.None && FileIdentity.Of(in status).Inode == file.Inode)
            return true;
        return mapping.Name.StartsWith('/')
            && Syscall.Status($"/proc/{threadId()}/root{mapping.Name}", out status) == Errno.None
            && FileIdentity.Of(in status).Inode == file.Inode;
    }

    private readonly record struct Stamp(long Modified, long Changed, ulong SizeBytes, bool IsSettled)
    {
        internal static Stamp Of(in FileStatus status)
        {
            long modified = Ticks(status.ModifySeconds, status.ModifyNanoseconds);
            long changed = Ticks(status.ChangeSeconds, status.ChangeNanoseconds);
            long now = DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks;
            return new Stamp(modified, changed, status.SizeBytes, now - Math.Max(modified, changed) > ClockTick.Ticks);
        }

        private static long Ticks(long seconds, uint nanoseconds) => (seconds * TimeSpan.TicksPerSecond) + (nanoseconds / 100);
    }
}
