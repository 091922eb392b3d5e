/* mremap with old size 0: a second mapping of the same shared pages. The kernel reports it by an event of length 0. */
#include "device.h"

#define PAGES 16

static char *duplicate(char *first, char *place)
{
	char *second = place
		? mremap(first, 0, PAGES * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place)
		: mremap(first, 0, PAGES * PAGE, MREMAP_MAYMOVE);

	NEED(second != MAP_FAILED);
	return second;
}

static void both_show_what_either_has(int device, char *mirror, char *first, char *place)
{
	char *second;

	fill(first, PAGES, 1);
	EQUAL(0, run(device, READ, first, mirror, PAGES));
	EQUAL(0, run(device, TO_DEVICE, first, mirror, PAGES));
	second = duplicate(first, place);
	CHECK(is_filled(second, PAGES, 1));
	EQUAL(0, run(device, READ, second, mirror, PAGES));
	CHECK(is_filled(mirror, PAGES, 1));
	CHECK(is_filled(first, PAGES, 1));

	fill(second, PAGES, 2);
	EQUAL(0, run(device, READ, first, mirror, PAGES));
	CHECK(is_filled(mirror, PAGES, 2));

	fill(mirror, PAGES, 3);
	EQUAL(0, run(device, WRITE, second, mirror, PAGES));
	CHECK(is_filled(first, PAGES, 3));
	CHECK(is_filled(second, PAGES, 3));

	/* The device still hears of the end of each. */
	NEED(!munmap(second, PAGES * PAGE));
	EQUAL(EFAULT, run(device, READ, second, mirror, PAGES));
	EQUAL(0, run(device, READ, first, mirror, PAGES));
	CHECK(is_filled(mirror, PAGES, 3));
	NEED(!munmap(first, PAGES * PAGE));
	EQUAL(EFAULT, run(device, READ, first, mirror, PAGES));
}

/* What lay at the new place is gone, also where the device had it. */
static char *place_with_pages_at_the_device(int device, char *mirror)
{
	char *place = anonymous(PAGES);

	fill(place, PAGES, 9);
	EQUAL(0, run(device, TO_DEVICE, place, mirror, PAGES));
	return place;
}

int main(void)
{
	int device = open_device(0);
	char *mirror = anonymous(PAGES);
	int file = memfd_create("test", MFD_CLOEXEC);

	NEED(file >= 0 && !ftruncate(file, PAGES * PAGE));
	for (int round = 0; round < 20 && !failures; round++) {
		int flags = round & 1 ? MAP_SHARED : MAP_SHARED | MAP_ANONYMOUS;
		char *first = map_pages(PAGES, PROT_READ | PROT_WRITE, flags, round & 1 ? file : -1);

		both_show_what_either_has(device, mirror, first, round & 2 ? place_with_pages_at_the_device(device, mirror) : NULL);
	}
	return finish();
}
