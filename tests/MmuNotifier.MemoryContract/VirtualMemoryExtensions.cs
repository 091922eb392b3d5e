using MmuNotifier.Hmm;

namespace MmuNotifier.MemoryContract;

/// <summary>Short forms of what the tests do again and again.</summary>
internal static class VirtualMemoryExtensions
{
    public const Protection ReadWrite = Protection.Read | Protection.Write;

    private const ulong Page = 4096;

    public static ulong MapPages(
        this VirtualMemory memory,
        ulong pages,
        MapFlags flags = MapFlags.Private,
        Protection protection = ReadWrite,
        MemoryFile? file = null,
        ulong at = 0)
    {
        Assert.Equal(Errno.None, memory.Map(at, pages * Page, protection, flags, out ulong mapped, file));
        return mapped;
    }

    /// <summary>A 2 MiB-aligned mapping for which huge pages are advised.</summary>
    public static ulong MapHuge(this VirtualMemory memory, ulong blocks = 1)
    {
        ulong place = 0x4000_0000_0000;
        memory.MapPages(blocks * 512, MapFlags.Private | MapFlags.Fixed, at: place);
        Assert.Equal(Errno.None, memory.Advise(place, blocks * 512 * Page, Advice.HugePage));
        return place;
    }

    public static Errno Write(this VirtualMemory memory, ulong address, byte value) => memory.Store(address, [value]);

    public static byte Read(this VirtualMemory memory, ulong address)
    {
        Span<byte> bytes = stackalloc byte[1];
        Assert.Equal(Errno.None, memory.Load(address, bytes));
        return bytes[0];
    }

    public static Errno TryRead(this VirtualMemory memory, ulong address) => memory.Load(address, new byte[1]);

    public static PageEntry PageOf(this MirroredMemory memory, ulong address)
    {
        var entries = new PageEntry[1];
        memory.GetPages(PageRange(address, 1), entries);
        return entries[0];
    }

    public static AddressRange PageRange(ulong address, ulong pages) => AddressRange.FromLength(address & ~(Page - 1), pages * Page);

    /// <summary>The mappings as "first-page+pages protection", relative to an address.</summary>
    public static string[] Layout(this VirtualMemory memory, ulong relativeTo) =>
        [.. memory.GetMappings().Select(mapping =>
            $"{((long)mapping.Range.Start - (long)relativeTo) / 4096}+{PagesOf(mapping.Range)} {mapping.Protection}")];

    private static ulong PagesOf(AddressRange range) => (range.Last - range.Start + 1) / Page;

    /// <summary>Moves pages to a device, single frames; returns how many moved.</summary>
    public static int MoveTo(this MirroredMemory memory, DeviceMemory device, ulong address, ulong pages, bool inBlocks = false)
    {
        using var migration = new PageMigration(memory, PageRange(address, pages), MigrateSelect.System, device.Owner);
        Assert.Equal(Errno.None, migration.Collect());
        for (int i = 0; i < migration.Pages.Length; i++)
        {
            ref MigratePage page = ref migration.Pages[i];
            if (!page.CanMove || page.DestinationFrame != 0)
                continue;
            if (inBlocks && page.Order == 9)
            {
                Assert.True(device.TryAllocateBlock(9, out ulong first));
                for (int k = 0; k < 512; k++)
                    migration.Pages[i + k].DestinationFrame = first + (ulong)k;
                continue;
            }

            Assert.True(device.TryAllocate(out ulong frame));
            page.DestinationFrame = frame;
        }

        migration.Copy();
        return migration.Finish();
    }

    /// <summary>Moves pages of a device back; returns how many moved.</summary>
    public static int MoveBack(this MirroredMemory memory, DeviceMemory device, ulong address, ulong pages)
    {
        MigrateSelect select = device.Kind == DeviceMemoryKind.Private ? MigrateSelect.DevicePrivate : MigrateSelect.DeviceCoherent;
        using var migration = new PageMigration(memory, PageRange(address, pages), select, device.Owner);
        Assert.Equal(Errno.None, migration.Collect());
        foreach (ref MigratePage page in migration.Pages)
            page.IsToSystem = page.CanMove;
        migration.Copy();
        return migration.Finish();
    }
}
