/*
 * Regions: pages that lie together, and where. No address is used twice, for two pages or two mappings of one (docs/device.md excludes
 * what may happen then), unless others' commands on the region are waited for first, or the command line asks for it.
 */
#include "checker.h"

#include <sched.h>

/* Far from everything that the kernel places by itself. */
#define FIRST_PLACE 0x100000000000UL
#define PLACES_BYTES 0x400000000000UL
#define HUGE_BYTES (1UL << 21)

const char *const kind_names[KINDS] = { "private", "shared", "memfd", "private_file", "brk" };

static struct region *regions;
static char **next_places;

static size_t index_of(int owner, int number)
{
	return (size_t)owner * options.regions + number;
}

struct region *region_of(int owner, int number)
{
	return regions + index_of(owner, number);
}

/* Room for all pages of the region where nothing has ever been. */
char *new_place(struct region *region)
{
	size_t i = index_of(region->owner, region->number);
	size_t window = PLACES_BYTES / ((size_t)options.threads * options.regions) / HUGE_BYTES * HUGE_BYTES;
	char *start = (char *)FIRST_PLACE + i * window, *place;

	if (!next_places[i])
		next_places[i] = start;
	if (options.is_huge)
		next_places[i] = (char *)(((uintptr_t)next_places[i] + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1));
	place = next_places[i];
	/* Sometimes the next one touches this one. */
	next_places[i] += (options.pages + below(4)) * PAGE;
	if (next_places[i] > start + window)
		fail("thread %d has used up its addresses: run for a shorter time", region->owner);
	return place;
}

/* Maps pages of the region. Nothing is there, or it may be replaced. */
char *map_at(struct region *region, char *address, unsigned first, unsigned count)
{
	int flags = region->kind == SHARED ? MAP_SHARED | MAP_ANONYMOUS : region->kind == MEMFD ? MAP_SHARED
		: region->kind == PRIVATE_FILE ? MAP_PRIVATE : MAP_PRIVATE | MAP_ANONYMOUS;
	char *mapped = mmap(address, count * PAGE, PROT_READ | PROT_WRITE, flags | MAP_FIXED, region->file, region->file < 0 ? 0 : first * PAGE);

	if (mapped != address)
		fail("mmap: %s", strerror(errno));
	if (options.is_huge && region->kind == PRIVATE)
		madvise(address, count * PAGE, MADV_HUGEPAGE);
	return mapped;
}

static void make_region(int owner, int number, enum kind kind)
{
	struct region *region = region_of(owner, number);

	region->owner = owner;
	region->number = number;
	region->kind = kind;
	region->records = records_of(owner, number);
	region->is_single = 1;
	region->file = -1;
	if (kind == MEMFD || kind == PRIVATE_FILE)
		NEED((region->file = memfd_create("region", MFD_CLOEXEC)) >= 0 && !ftruncate(region->file, options.pages * PAGE));
	if (kind == BRK) {
		uintptr_t top = (uintptr_t)sbrk(0);

		NEED(sbrk(-top & (PAGE - 1)) != (void *)-1);
		region->address = sbrk(options.pages * PAGE);
		NEED(region->address != (char *)-1);
	} else {
		region->address = map_at(region, new_place(region), 0, options.pages);
	}
	region->count = options.pages;
	region->used_end = region->address + options.pages * PAGE;
	for (unsigned i = 0; i < options.pages; i++)
		set_expected(region, i, 0, NO_VERSION);
}

void make_regions(void)
{
	unsigned chosen = 0;

	NEED((regions = calloc((size_t)options.threads * options.regions, sizeof(*regions))));
	NEED((next_places = calloc((size_t)options.threads * options.regions, sizeof(*next_places))));
	/* The last of the first thread's is the heap's, for there is only one heap. The others are of the kinds in turn, most of them private. */
	for (unsigned number = 0; number < options.regions; number++) {
		for (unsigned owner = 0; owner < options.threads; owner++) {
			int is_last = owner == 0 && number == options.regions - 1;
			enum kind kind = PRIVATE;

			if (is_last && (options.kinds & 1u << BRK)) {
				make_region(owner, number, BRK);
				continue;
			}
			if (!(options.kinds & 1u << PRIVATE) || chosen++ % 2)
				do
					kind = chosen++ / 2 % KINDS;
				while (kind == BRK || !(options.kinds & 1u << kind));
			make_region(owner, number, kind);
		}
	}
}

/* ---- The gate: the owner waits until no other thread's command on the region is under way, and keeps others out. ---- */

int enter(struct region *region)
{
	region->guests++;
	if (!region->is_closed)
		return 1;
	region->guests--;
	return 0;
}

void leave(struct region *region)
{
	region->guests--;
}

void close_region(struct region *region)
{
	region->is_closed = 1;
	while (region->guests)
		sched_yield();
}

void open_region(struct region *region)
{
	region->is_closed = 0;
}
