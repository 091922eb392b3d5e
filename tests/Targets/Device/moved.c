/* mremap of a range of which the device has registered a part, and of ranges that the device has pages of. */
#include "device.h"

#define PAGES 48
#define PART 10

static char *place_for(unsigned long pages)
{
	return mmap(NULL, pages * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

static char *move(char *old, unsigned long pages)
{
	char *moved = mremap(old, pages * PAGE, pages * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place_for(pages));

	CHECK(moved != MAP_FAILED, "%s", strerror(errno));
	NEED(moved != MAP_FAILED);
	return moved;
}

/* The device looks at a part that has another permission at that moment, and so is a mapping of its own. */
static void a_part_was_read(int device, char *mirror)
{
	char *buffer = anonymous(PAGES);

	fill(buffer, PAGES, 1);
	NEED(!mprotect(buffer + PART * PAGE, PART * PAGE, PROT_READ));
	EQUAL(0, run(device, READ, buffer + (PART + 2) * PAGE, mirror, 2));
	NEED(!mprotect(buffer + PART * PAGE, PART * PAGE, PROT_READ | PROT_WRITE));
	buffer = move(buffer, PAGES);
	CHECK(is_filled(buffer, PAGES, 1));
	EQUAL(0, run(device, READ, buffer, mirror, PAGES));
	CHECK(is_filled(mirror, PAGES, 1));
}

/* The same, and some pages of each part are with the device. */
static void a_part_was_migrated(int device, char *mirror)
{
	char *buffer = anonymous(PAGES);

	fill(buffer, PAGES, 2);
	NEED(!mprotect(buffer + PART * PAGE, PART * PAGE, PROT_READ));
	EQUAL(0, run(device, TO_DEVICE, buffer + (PART - 2) * PAGE, mirror, PART));
	NEED(!mprotect(buffer + PART * PAGE, PART * PAGE, PROT_READ | PROT_WRITE));
	buffer = move(buffer, PAGES);
	CHECK(is_filled(buffer, PAGES, 2));
	fill(buffer, PAGES, 3);
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
	CHECK(is_filled(mirror, PAGES, 3));
	CHECK(is_filled(buffer, PAGES, 3));
}

/* The middle was mapped again after the device had registered all of it. */
static void a_part_was_replaced(int device, char *mirror)
{
	char *buffer = anonymous(PAGES);

	fill(buffer, PAGES, 4);
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
	NEED(mmap(buffer + PART * PAGE, PART * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED);
	fill(buffer, PAGES, 5);
	buffer = move(buffer, PAGES);
	CHECK(is_filled(buffer, PAGES, 5));
	EQUAL(0, run(device, READ, buffer, mirror, PAGES));
	CHECK(is_filled(mirror, PAGES, 5));
}

/* One mapping: its pages stay with the device. */
static void all_was_migrated(int device, char *mirror)
{
	char *buffer = anonymous(PAGES);

	fill(buffer, PAGES, 6);
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
	buffer = move(buffer, PAGES);
	CHECK(is_seen(device, buffer, PAGES, SEEN_WRITE | SEEN_PRIVATE_LOCAL));
	CHECK(is_filled(buffer, PAGES, 6));
}

int main(void)
{
	int device = open_device(0);
	char *mirror = anonymous(PAGES);

	a_part_was_read(device, mirror);
	a_part_was_migrated(device, mirror);
	a_part_was_replaced(device, mirror);
	all_was_migrated(device, mirror);
	return finish();
}
