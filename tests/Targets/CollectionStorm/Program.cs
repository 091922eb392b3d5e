using System.Globalization;
using MmuNotifier;
using MmuNotifier.Hmm;
using MmuNotifier.Linux;

// Two threads collect garbage without pause, two touch every page by pointer from managed code and check what they find, one accesses the
// device's pages, and this one moves pages to the device. Argument: seconds. Prints counts, or ends with a message that says what was
// wrong.
const int pages = 64;
const ulong pageBytes = MirroredMemory.PageBytes;
TimeSpan duration = TimeSpan.FromSeconds(int.Parse(args[0], CultureInfo.InvariantCulture));
using var memory = new LinuxMemory();
if (memory.WhyUnsupported(MemoryFeature.PrivateMigration) is { } lack)
{
    Console.WriteLine(lack);
    return 3;
}

object owner = new();
var device = new DeviceMemory(DeviceMemoryKind.Private, owner, 4 * pages);
memory.Map(0, pages * pageBytes, Protection.Read | Protection.Write, MapFlags.Private, out ulong start);
AddressRange all = AddressRange.FromLength(start, pages * pageBytes);
bool isRunning = true;
long touches = 0, accesses = 0, moved = 0;
List<Thread> threads = [new(Collect), new(Collect), new(() => Touch(0)), new(() => Touch(1)), new(Access)];
threads.ForEach(thread => thread.Start());
var random = new Random(1);
DateTime end = DateTime.UtcNow + duration;
DateTime patience = end + TimeSpan.FromSeconds(60);
while (DateTime.UtcNow < end || (!HasShownAll() && DateTime.UtcNow < patience))
    Move(new AddressRange(start + ((ulong)random.Next(pages) * pageBytes), all.Last));
Volatile.Write(ref isRunning, false);
foreach (Thread thread in threads)
{
    if (!thread.Join(30_000))
        Environment.FailFast("A thread hangs.");
}

Console.WriteLine($"moved {moved} touches {touches} device accesses {accesses} collections {GC.CollectionCount(0)}");
return HasShownAll() ? 0 : 1;

bool HasShownAll() => moved > 0 && Volatile.Read(ref touches) > 0 && Volatile.Read(ref accesses) > 0 && GC.CollectionCount(0) > 0;

void Move(AddressRange range)
{
    range = new AddressRange(range.Start, Math.Min(range.Last, range.Start + (4 * pageBytes) - 1));
    using var migration = new PageMigration(memory, range, MigrateSelect.System, owner);
    if (migration.Collect() != Errno.None)
        Environment.FailFast("A migration is refused.");
    foreach (ref MigratePage page in migration.Pages)
    {
        if (page.CanMove && device.TryAllocate(out ulong frame))
            page.DestinationFrame = frame;
    }

    migration.Copy();
    moved += migration.Finish();
}

void Collect()
{
    while (Volatile.Read(ref isRunning))
    {
        for (int i = 0; i < 200; i++)
            GC.KeepAlive(new byte[2000]);
        GC.Collect();
    }
}

unsafe void Touch(int word)
{
    for (ulong round = 0; Volatile.Read(ref isRunning); round++)
    {
        for (ulong page = 0; page < pages; page++)
        {
            ulong* value = (ulong*)(start + (page * pageBytes)) + word;
            if (Volatile.Read(ref *value) != round)
                Environment.FailFast($"Page {page} has {*value} instead of {round}.");
            Volatile.Write(ref *value, round + 1);
        }

        Interlocked.Add(ref touches, pages);
    }
}

// The third word of each page is the device's: it adds to it where it has the page. Whole pages are read so that a collection finds a read
// under way: made by managed code it would be stopped with the page held, and all of it hangs.
void Access()
{
    var entries = new PageEntry[pages];
    byte[] value = new byte[sizeof(ulong)];
    byte[] whole = new byte[pageBytes];
    while (Volatile.Read(ref isRunning))
    {
        memory.GetPages(all, entries);
        foreach (PageEntry entry in entries)
        {
            if (entry.State == PageState.DevicePrivate && memory.ReadFrame(entry.Frame, 2 * sizeof(ulong), value) == Errno.None
                && memory.WriteFrame(entry.Frame, 2 * sizeof(ulong), BitConverter.GetBytes(BitConverter.ToUInt64(value) + 1)) == Errno.None)
                accesses++;
            for (int i = 0; i < 50 && entry.State == PageState.DevicePrivate; i++)
                memory.ReadFrame(entry.Frame, 0, whole);
        }
    }
}
