/* Huge pages: transparent ones, and hugetlb where the machine has any reserved ("hugetlb" as argument). */
#include "device.h"

#define HUGE (2UL << 20)
#define PAGES (HUGE / PAGE)

static char *aligned(unsigned long huge_pages)
{
	char *mapped = anonymous((huge_pages + 1) * PAGES);

	return (char *)(((uintptr_t)mapped + HUGE - 1) & -HUGE);
}

/* What /proc/pid/pagemap says of pages that are away. */
static int looks_swapped(char *address, unsigned long pages)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY);
	int right = 1;
	uint64_t entry;

	NEED(pagemap >= 0);
	for (unsigned long i = 0; i < pages; i++) {
		NEED(pread(pagemap, &entry, sizeof(entry), ((uintptr_t)address / PAGE + i) * sizeof(entry)) == sizeof(entry));
		right &= (entry >> 62) == 1;
	}
	close(pagemap);
	return right;
}

/* It moves as a whole again after it has come back, as long as nothing of it was dropped; part of it splits it. */
static void again_and_in_part(int device, char *buffer, char *mirror)
{
	fill(buffer, PAGES, 5);
	for (int i = 0; i < 3; i++) {
		EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
		CHECK(is_filled(mirror, PAGES, 5));
		CHECK(is_seen(device, buffer, PAGES, SEEN_PRIVATE_LOCAL | SEEN_WRITE | SEEN_PMD));
		EQUAL(0, run(device, TO_SYSTEM, buffer, mirror, PAGES));
		EQUAL(PAGES, cpages);
	}
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
	EQUAL(0, run(device, TO_SYSTEM, buffer + PAGE, mirror, 2));
	EQUAL(2, cpages);
	CHECK(is_seen(device, buffer, 1, SEEN_PRIVATE_LOCAL | SEEN_WRITE));
	CHECK(is_seen(device, buffer + PAGE, 2, SEEN_WRITE));
	CHECK(is_seen(device, buffer + 3 * PAGE, PAGES - 3, SEEN_PRIVATE_LOCAL | SEEN_WRITE));
	CHECK(is_filled(buffer, PAGES, 5));
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
	NEED(!madvise(buffer + 8 * PAGE, PAGE, MADV_DONTNEED));
	CHECK(is_seen(device, buffer, 8, SEEN_PRIVATE_LOCAL | SEEN_WRITE));
	CHECK(is_seen(device, buffer + 8 * PAGE, 1, SEEN_NONE));
	CHECK(is_zero(buffer + 8 * PAGE, 1));
	CHECK(is_filled(buffer, 8, 5));
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
	CHECK(is_seen(device, buffer, PAGES, SEEN_PRIVATE_LOCAL | SEEN_WRITE));
	EQUAL(0, run(device, TO_SYSTEM, buffer, mirror, PAGES));
	EQUAL(PAGES, cpages);
}

/* Where one side has no huge page, small ones come across, all of them. */
static void failing(int device, char *mirror)
{
	char *buffer;

	for (int filled = 0; filled < 2; filled++) {
		buffer = aligned(1);
		NEED(!madvise(buffer, HUGE, MADV_HUGEPAGE));
		if (filled)
			fill(buffer, PAGES, 6);
		EQUAL(0, run(device, FLAGS, NULL, NULL, 1));
		EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
		EQUAL(PAGES, cpages);
		CHECK(is_seen(device, buffer, PAGES, SEEN_PRIVATE_LOCAL | SEEN_WRITE));
		CHECK(filled ? is_filled(mirror, PAGES, 6) : is_zero(mirror, PAGES));
		EQUAL(0, run(device, TO_SYSTEM, buffer, mirror, PAGES));
		EQUAL(PAGES, cpages);
	}
	buffer = aligned(1);
	NEED(!madvise(buffer, HUGE, MADV_HUGEPAGE));
	fill(buffer, PAGES, 7);
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
	EQUAL(0, run(device, FLAGS, NULL, NULL, 1));
	EQUAL(0, run(device, TO_SYSTEM, buffer, mirror, PAGES));
	EQUAL(PAGES, cpages);
	CHECK(is_seen(device, buffer, PAGES, SEEN_WRITE));
	CHECK(is_filled(buffer, PAGES, 7));

	/* There is nothing smaller than a small page. */
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, 4));
	EQUAL(0, run(device, FLAGS, NULL, NULL, 1));
	EQUAL(ENOMEM, run(device, TO_SYSTEM, buffer, mirror, 4));
	CHECK(is_seen(device, buffer, 4, SEEN_PRIVATE_LOCAL | SEEN_WRITE));
	EQUAL(0, run(device, TO_SYSTEM, buffer, mirror, 4));
	EQUAL(4, cpages);
	CHECK(is_filled(buffer, PAGES, 7));
}

/* Single pages of a huge page, in the program or on the device, are taken for atomics; the rest stays as it is. */
static void exclusively(int device, char *mirror)
{
	char *buffer = aligned(1);
	char *taken = buffer + 7 * PAGE;

	NEED(!madvise(buffer, HUGE, MADV_HUGEPAGE));
	fill(buffer, PAGES, 8);
	for (int away = 0; away < 2; away++) {
		if (away)
			EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
		EQUAL(0, run(device, EXCLUSIVE, taken, mirror, 1));
		EQUAL(EPERM, run(device, CHECK_EXCLUSIVE, taken, mirror, 1));
		CHECK(!memcmp(mirror, taken, PAGE));
		EQUAL(0, run(device, CHECK_EXCLUSIVE, taken, mirror, 1));
		CHECK(is_filled(buffer, PAGES, 8));
	}
}

static void transparent(int device, char *mirror)
{
	char *buffer = aligned(2);
	unsigned char seen;

	if (madvise(buffer, 2 * HUGE, MADV_HUGEPAGE))
		SKIP("no transparent huge pages");
	fill(buffer, 2 * PAGES, 1);
	EQUAL(0, run(device, SNAPSHOT, buffer, &seen, 1));
	if (!(seen & SEEN_PMD))
		SKIP("no huge page was to be had");
	CHECK(is_seen(device, buffer, 2 * PAGES, SEEN_WRITE | SEEN_PMD));
	NEED(!mprotect(buffer, 2 * HUGE, PROT_READ));
	CHECK(is_seen(device, buffer, 2 * PAGES, SEEN_READ | SEEN_PMD));
	NEED(!mprotect(buffer, 2 * HUGE, PROT_READ | PROT_WRITE));

	fill(mirror, PAGES, 2);
	EQUAL(0, run(device, WRITE, buffer, mirror, PAGES));
	CHECK(is_filled(buffer, PAGES, 2));

	/* A huge page moves as a whole, and a touch brings all of it back. */
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
	EQUAL(PAGES, cpages);
	CHECK(is_filled(mirror, PAGES, 2));
	CHECK(is_seen(device, buffer, PAGES, SEEN_PRIVATE_LOCAL | SEEN_WRITE | SEEN_PMD));
	CHECK(looks_swapped(buffer, PAGES));
	CHECK(is_filled(buffer, 1, 2));
	EQUAL(0, run(device, TO_SYSTEM, buffer, mirror, PAGES));
	EQUAL(0, cpages);
	CHECK(is_seen(device, buffer, PAGES, SEEN_WRITE));
	CHECK(is_filled(buffer, PAGES, 2));
	EQUAL(0, run(device, EXCLUSIVE, buffer + HUGE, mirror, 16));
	fill(buffer + HUGE, PAGES, 3);
	CHECK(is_filled(buffer + HUGE, PAGES, 3));
	again_and_in_part(device, buffer, mirror);
	failing(device, mirror);
	exclusively(device, mirror);
}

static void reserved(int device, char *mirror)
{
	char *buffer = mmap(NULL, HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	if (buffer == MAP_FAILED)
		SKIP("no huge pages are reserved (vm.nr_hugepages)");
	fill(mirror, PAGES, 4);
	EQUAL(0, run(device, WRITE, buffer, mirror, PAGES));
	CHECK(is_filled(buffer, PAGES, 4));
	CHECK(is_seen(device, buffer, PAGES, SEEN_WRITE | SEEN_PMD));
	EQUAL(EINVAL, run(device, TO_DEVICE, buffer, mirror, PAGES));
	EQUAL(0, run(device, READ, buffer, mirror, PAGES));
	CHECK(is_filled(mirror, PAGES, 4));
	NEED(!munmap(buffer, HUGE));
}

int main(int count, char **arguments)
{
	int device = open_device(0);
	char *mirror = anonymous(PAGES);

	if (count > 1 && !strcmp(arguments[1], "hugetlb"))
		reserved(device, mirror);
	else
		transparent(device, mirror);
	return finish();
}
