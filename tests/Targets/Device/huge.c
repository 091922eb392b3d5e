/* Huge pages: transparent ones, and hugetlb where the machine has any reserved ("hugetlb" as argument). */
#include "device.h"

#define HUGE (2UL << 20)
#define PAGES (HUGE / PAGE)

static char *aligned(unsigned long huge_pages)
{
	char *mapped = anonymous((huge_pages + 1) * PAGES);

	return (char *)(((uintptr_t)mapped + HUGE - 1) & -HUGE);
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

	/* A huge page moves too, as small ones; half of it comes back, then the rest. */
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
	EQUAL(PAGES, cpages);
	CHECK(is_filled(mirror, PAGES, 2));
	CHECK(is_filled(buffer, PAGES / 2, 2));
	EQUAL(0, run(device, TO_SYSTEM, buffer, mirror, PAGES));
	EQUAL(PAGES / 2, cpages);
	CHECK(is_filled(buffer, PAGES, 2));
	EQUAL(0, run(device, EXCLUSIVE, buffer + HUGE, mirror, 16));
	fill(buffer + HUGE, PAGES, 3);
	CHECK(is_filled(buffer + HUGE, PAGES, 3));
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
