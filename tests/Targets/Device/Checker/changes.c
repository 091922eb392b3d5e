/* System calls that change memory, each on the caller's own. */
#include "checker.h"

#include <sys/syscall.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#define GUARD_INSTALL 102
#define GUARD_REMOVE 103
#define DONT_UNMAP 4

/*
 * A removal is announced to the device before it takes effect, and nothing shows when it has. The device waits for it, up to 50 ms
 * (docs/device.md, "What differs from the kernel"). So what a call left that took longer may be the old content.
 */
#define REMOVAL_MS 45

/* Pages become zeros. Others may find zeros from now on; until the end they may find what was there. */
static void begin_zeros(struct region *region, unsigned first, unsigned pages, uint32_t *versions)
{
	for (unsigned i = 0; i < pages; i++)
		versions[i] = begin_version(region, first + i, 1);
}

static void finish_zeros(struct region *region, unsigned first, unsigned pages, const uint32_t *versions)
{
	for (unsigned i = 0; i < pages; i++) {
		set_expected(region, first + i, 0, NO_VERSION);
		finish_version(region, first + i, versions[i]);
	}
}

/* One possibility for each page, so that a call may leave another. */
static void settle(struct region *region, unsigned first, unsigned pages)
{
	for (unsigned i = first; i < first + pages; i++)
		if (region->expected[i].alternative != NO_VERSION)
			store_all(region, i, 1);
}

static void check_part(struct region *region, char *address, unsigned first, unsigned pages, const char *what)
{
	judge_exactly(region, address + first * PAGE, first, pages, what);
}

static char *move_mapping(char *from, char *to, unsigned pages)
{
	if (options.moves_unannounced)
		return (char *)syscall(SYS_mremap, from, pages * PAGE, pages * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	return mremap(from, pages * PAGE, pages * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
}

static void move_pages(struct region *region, char *from, char *to, unsigned first, unsigned pages)
{
	unsigned step = region->is_single ? pages : 1;

	for (unsigned i = first; i < first + pages; i += step)
		if (move_mapping(from + i * PAGE, to + i * PAGE, step) != to + i * PAGE)
			fail("mremap of %u pages of %s: %s", step, region->is_single ? "one mapping" : "several", strerror(errno));
}

static void settle_down(struct region *region, char *address)
{
	region->address = address;
	region->used_end = address + region->count * PAGE;
}

/* ---- mmap and munmap ---- */

static void map_elsewhere(struct region *region)
{
	uint32_t versions[MAX_PAGES];
	char *to = new_place(region);
	unsigned count = region->kind == PRIVATE && below(2) ? 1 + below(options.pages) : options.pages;

	if (region->kind != MEMFD)
		begin_zeros(region, 0, options.pages, versions);
	if (munmap(region->address, region->count * PAGE))
		fail("munmap: %s", strerror(errno));
	map_at(region, to, 0, count);
	region->count = count;
	settle_down(region, to);
	region->is_single = 1;
	if (region->kind != MEMFD)
		finish_zeros(region, 0, options.pages, versions);
}

/* A hole, and what is left and right of it moves to where a new mapping fills it. */
static void punch(struct region *region, unsigned first, unsigned pages)
{
	uint32_t versions[MAX_PAGES];
	char *from = region->address, *to = new_place(region);
	unsigned end = first + pages;

	begin_zeros(region, first, pages, versions);
	if (munmap(from + first * PAGE, pages * PAGE))
		fail("munmap of a part: %s", strerror(errno));
	check_part(region, from, 0, first, "left of a hole");
	check_part(region, from, end, region->count - end, "right of a hole");
	if (first)
		move_pages(region, from, to, 0, first);
	if (end < region->count)
		move_pages(region, from, to, end, region->count - end);
	map_at(region, to + first * PAGE, first, pages);
	settle_down(region, to);
	region->is_single = pages == region->count;
	finish_zeros(region, first, pages, versions);
}

static void map_over(struct region *region, unsigned first, unsigned pages)
{
	uint32_t versions[MAX_PAGES];

	if (!options.reuses_addresses)
		close_region(region);
	if (region->kind != MEMFD)
		begin_zeros(region, first, pages, versions);
	map_at(region, region->address + first * PAGE, first, pages);
	region->is_single = pages == region->count;
	if (region->kind != MEMFD)
		finish_zeros(region, first, pages, versions);
	open_region(region);
}

/* ---- mremap ---- */

static void move(struct region *region)
{
	char *to = new_place(region);

	move_pages(region, region->address, to, 0, region->count);
	settle_down(region, to);
}

/* A part goes elsewhere and comes back. */
static void move_part(struct region *region, unsigned first, unsigned pages)
{
	char *to = new_place(region);

	move_pages(region, region->address, to, first, pages);
	check_part(region, to, first, pages, "moved part");
	if (below(2))
		store_all(region, 0, first);
	if (!options.reuses_addresses)
		close_region(region);
	move_pages(region, to, region->address, first, pages);
	open_region(region);
}

static void grow(struct region *region)
{
	uint32_t versions[MAX_PAGES];
	unsigned before = region->count, added;
	char *from = region->address, *to = from;

	if (before == options.pages || !region->is_single)
		return;
	added = 1 + below(options.pages - before);
	if (HAS_OWN_PAGES(region))
		begin_zeros(region, before, added, versions);
	/* In place only where nothing has been yet. */
	if (region->used_end > from + before * PAGE || below(2))
		to = new_place(region);
	if (mremap(from, before * PAGE, (before + added) * PAGE, to == from ? 0 : MREMAP_MAYMOVE | MREMAP_FIXED, to) != to)
		fail("mremap from %u to %u pages: %s", before, before + added, strerror(errno));
	region->count = before + added;
	settle_down(region, to);
	if (HAS_OWN_PAGES(region))
		finish_zeros(region, before, added, versions);
}

static void shrink(struct region *region)
{
	unsigned left = 1 + below(region->count);
	char *address = region->address;

	if (!region->is_single)
		return;
	if (mremap(address, region->count * PAGE, left * PAGE, 0) != address)
		fail("mremap from %u to %u pages: %s", region->count, left, strerror(errno));
	region->count = left;
}

/* Old size 0: the same pages a second time. */
static void duplicate(struct region *region)
{
	char *to = new_place(region), *from = region->address;
	unsigned count = region->count;

	if (!region->is_single)
		return;
	if (mremap(from, 0, count * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) != to)
		fail("mremap with old size 0: %s", strerror(errno));
	check_part(region, to, 0, count, "duplicate");
	if (below(2))
		store_all(region, 0, count);
	settle_down(region, to);
	check_part(region, to, 0, count, "duplicate");
	if (munmap(from, count * PAGE))
		fail("munmap: %s", strerror(errno));
}

static void move_and_leave(struct region *region)
{
	char *to = new_place(region), *from = region->address;
	unsigned count = region->count;
	uint32_t versions[MAX_PAGES];

	if (!region->is_single)
		return;
	/* At the old place others find zeros. */
	begin_zeros(region, 0, count, versions);
	if (mremap(from, count * PAGE, count * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED | DONT_UNMAP, to) != to)
		fail("mremap that leaves the mapping: %s", strerror(errno));
	settle_down(region, to);
	for (unsigned i = 0; i < count; i++)
		if (!is_zero(from + i * PAGE, 1))
			fail("what mremap left is not zeros at page %u", i);
	if (munmap(from, count * PAGE))
		fail("munmap: %s", strerror(errno));
}

/* ---- mprotect ---- */

static void protect(struct region *region, unsigned first, unsigned pages)
{
	char *address = region->address + first * PAGE;
	int device, descriptor = inherited_device(&device), is_readable = below(2), error;
	unsigned long done;

	/* Where it is not used yet, parts would not join again. */
	store_all(region, first, pages);
	if (mprotect(address, pages * PAGE, is_readable ? PROT_READ : PROT_NONE))
		fail("mprotect: %s", strerror(errno));
	if (is_readable) {
		memset(self->buffer, 0xaa, pages * PAGE);
		error = give_command(WRITE, descriptor, address, self->buffer, pages, &done);
		if (error != EPERM && error != EBUSY)
			fail("WRITE to read-only memory answers %s", strerror(error));
		judge_exactly(region, address, first, pages, "load after a refused WRITE");
		if (options.operations[OP_TO_DEVICE])
			give_command(TO_DEVICE, descriptor, address, self->buffer, pages, &done);
	}
	error = give_command(READ, descriptor, address, self->buffer, pages, &done);
	if (error != (is_readable ? 0 : EFAULT) && error != EBUSY)
		fail("READ of memory with protection %d answers %s", is_readable, strerror(error));
	if (!error)
		judge_exactly(region, self->buffer, first, pages, "device read of protected memory");
	if (mprotect(address, pages * PAGE, PROT_READ | PROT_WRITE))
		fail("mprotect: %s", strerror(errno));
}

/* ---- madvise ---- */

static int advise(char *address, unsigned pages, int advice, int by_process)
{
	struct { void *address; size_t bytes; } range = { address, pages * PAGE };
	static _Atomic int process;
	int before = 0;

	if (!by_process)
		return madvise(address, pages * PAGE, advice) ? errno : 0;
	if (!process) {
		int opened = syscall(SYS_pidfd_open, getpid(), 0);

		if (!atomic_compare_exchange_strong(&process, &before, opened))
			close(opened);
	}
	if (self->is_child)
		return ENOSYS;
	return syscall(SYS_process_madvise, process, &range, 1UL, advice, 0) == (long)range.bytes ? 0 : errno;
}

static void drop(struct region *region, unsigned first, unsigned pages, int advice, int by_process)
{
	uint32_t versions[MAX_PAGES];
	int becomes_zeros = advice == MADV_REMOVE || HAS_OWN_PAGES(region), error;
	int64_t begin;

	settle(region, first, pages);
	if (becomes_zeros)
		begin_zeros(region, first, pages, versions);
	begin = now_ms();
	error = advise(region->address + first * PAGE, pages, advice, by_process);
	if (error && !by_process)
		fail("madvise %d: %s", advice, strerror(error));
	if (!becomes_zeros)
		return;
	if (!error && now_ms() - begin < REMOVAL_MS) {
		finish_zeros(region, first, pages, versions);
		return;
	}
	for (unsigned i = first; i < first + pages; i++)
		set_expected(region, i, region->expected[i].version, error ? NO_VERSION : 0);
}

static void free_lazily(struct region *region, unsigned first, unsigned pages)
{
	uint32_t versions[MAX_PAGES];

	settle(region, first, pages);
	begin_zeros(region, first, pages, versions);
	if (madvise(region->address + first * PAGE, pages * PAGE, MADV_FREE))
		fail("madvise FREE: %s", strerror(errno));
	for (unsigned i = first; i < first + pages; i++)
		set_expected(region, i, region->expected[i].version, 0);
}

/* Advice that leaves the content alone. Some kinds of memory and some kernels refuse some. */
static void hint(struct region *region, unsigned first, unsigned pages, int advice)
{
	if (madvise(region->address + first * PAGE, pages * PAGE, advice) && (advice == MADV_POPULATE_READ || advice == MADV_POPULATE_WRITE))
		fail("madvise %d: %s", advice, strerror(errno));
}

static void lock_in_memory(struct region *region, unsigned first, unsigned pages)
{
	char *address = region->address + first * PAGE;

	store_all(region, first, pages);
	if (mlock(address, pages * PAGE))
		fail("mlock: %s", strerror(errno));
	judge_exactly(region, address, first, pages, "load while locked");
	if (munlock(address, pages * PAGE))
		fail("munlock: %s", strerror(errno));
}

static void guard(struct region *region, unsigned first, unsigned pages)
{
	char *address = region->address + first * PAGE;
	int device, descriptor = inherited_device(&device), error;
	uint32_t versions[MAX_PAGES];
	unsigned long done;

	settle(region, first, pages);
	begin_zeros(region, first, pages, versions);
	if (!madvise(address, pages * PAGE, GUARD_INSTALL)) {
		error = give_command(READ, descriptor, address, self->buffer, pages, &done);
		if (error != EFAULT && error != EBUSY)
			fail("READ of guarded pages answers %s", strerror(error));
		NEED(!madvise(address, pages * PAGE, GUARD_REMOVE));
		finish_zeros(region, first, pages, versions);
	}
}

/* ---- brk ---- */

static void move_break(struct region *region)
{
	uint32_t versions[MAX_PAGES];
	unsigned left = 1 + below(region->count), gone = region->count - left;
	char *end = region->address + region->count * PAGE;

	/* The C library may have taken memory above ours. */
	if (!gone || sbrk(0) != end)
		return;
	begin_zeros(region, left, gone, versions);
	NEED(sbrk(-(intptr_t)(gone * PAGE)) == end);
	region->count = left;
	check_part(region, region->address, 0, left, "below the break");
	if (!options.reuses_addresses)
		close_region(region);
	if (sbrk(gone * PAGE) != end - gone * PAGE)
		fail("sbrk: %s", strerror(errno));
	region->count = left + gone;
	region->is_single = 0;
	finish_zeros(region, left, gone, versions);
	open_region(region);
}

static int applies(const struct region *region, enum operation operation)
{
	switch (operation) {
	case OP_MUNMAP:
	case OP_MOVE:
	case OP_MOVE_PART:
	case OP_SHRINK:
	case OP_GROW:
	case OP_MAP_OVER:
		return region->kind != BRK && (region->kind != SHARED || operation == OP_MUNMAP || operation == OP_MOVE);
	case OP_HOLE:
		return region->kind == PRIVATE || region->kind == PRIVATE_FILE;
	case OP_DUPLICATE:
		return !HAS_OWN_PAGES(region);
	case OP_DONTUNMAP:
		return region->kind == PRIVATE;
	case OP_REMOVE:
		return region->kind == SHARED || region->kind == MEMFD;
	case OP_FREE:
	case OP_GUARD:
	case OP_WIPEONFORK:
		return IS_ANONYMOUS(region);
	case OP_BRK:
		return region->kind == BRK;
	default:
		return 1;
	}
}

static void carry_out(struct region *region, enum operation operation, unsigned first, unsigned pages)
{
	switch (operation) {
	case OP_MUNMAP: map_elsewhere(region); break;
	case OP_HOLE: punch(region, first, pages); break;
	case OP_MAP_OVER: map_over(region, first, pages); break;
	case OP_MOVE: move(region); break;
	case OP_MOVE_PART: move_part(region, first, pages); break;
	case OP_GROW: grow(region); break;
	case OP_SHRINK: shrink(region); break;
	case OP_DUPLICATE: duplicate(region); break;
	case OP_DONTUNMAP: move_and_leave(region); break;
	case OP_MPROTECT: protect(region, first, pages); break;
	case OP_DONTNEED: drop(region, first, pages, MADV_DONTNEED, 0); break;
	case OP_PROCESS_DONTNEED: drop(region, first, pages, MADV_DONTNEED, 1); break;
	case OP_REMOVE: drop(region, first, pages, MADV_REMOVE, 0); break;
	case OP_FREE: free_lazily(region, first, pages); break;
	case OP_POPULATE_WRITE: hint(region, first, pages, MADV_POPULATE_WRITE); break;
	case OP_POPULATE_READ: hint(region, first, pages, MADV_POPULATE_READ); break;
	case OP_WILLNEED: hint(region, first, pages, MADV_WILLNEED); break;
	case OP_COLD: hint(region, first, pages, MADV_COLD); break;
	case OP_PAGEOUT: hint(region, first, pages, MADV_PAGEOUT); break;
	case OP_COLLAPSE: hint(region, first, pages, MADV_COLLAPSE); break;
	case OP_MLOCK: lock_in_memory(region, first, pages); break;
	case OP_GUARD: guard(region, first, pages); break;
	case OP_BRK: move_break(region); break;
	case OP_SPAWN: spawn_program(); break;
	default: make_child(region, operation);
	}
}

void change_memory(struct region *region, enum operation operation)
{
	unsigned first, pages;

	if (!applies(region, operation))
		return;
	choose_part(region, &first, &pages);
	begin_step(operation, region, region->address + first * PAGE, first, pages, -1);
	carry_out(region, operation, first, pages);
	if (below(2))
		check_part(region, region->address, 0, region->count, "load after the call");
	if (below(2))
		store_all(region, 0, region->count);
	if (below(2))
		check_part(region, region->address, 0, region->count, "load after the stores");
	end_step(0);
}
