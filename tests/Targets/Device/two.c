/* Two devices of one program. */
#include "device.h"

#define PAGES 64

static void they_migrate_a_mix(int first, int second, char *mirror)
{
	char *buffer = anonymous(8);
	unsigned char seen[8];

	/* A hole, a page without permission, four pages, and then one that is read-only and one that does not exist. */
	memset(buffer + 2 * PAGE, 1, 5 * PAGE);
	NEED(!munmap(buffer, PAGE));
	NEED(!mprotect(buffer + PAGE, PAGE, PROT_NONE));
	EQUAL(EINVAL, run(first, TO_DEVICE, buffer + PAGE, mirror, 1));
	EQUAL(EINVAL, run(first, TO_DEVICE, buffer, mirror, 1));
	EQUAL(0, run(first, TO_DEVICE, buffer + 2 * PAGE, mirror, 4));
	EQUAL(4, cpages);
	/* What is with the first device does not move to the second. */
	EQUAL(0, run(second, TO_DEVICE, buffer + 6 * PAGE, mirror, 1));
	EQUAL(ENOENT, run(second, TO_DEVICE, buffer + 5 * PAGE, mirror, 2));
	EQUAL(0, run(second, SNAPSHOT, buffer, seen, 8));
	EQUAL(SEEN_ERROR, seen[0]);
	EQUAL(SEEN_ERROR, seen[1]);
	EQUAL(SEEN_NONE, seen[2]);
	EQUAL(SEEN_NONE, seen[5]);
	EQUAL(SEEN_PRIVATE_LOCAL | SEEN_WRITE, seen[6]);
	EQUAL(SEEN_NONE, seen[7]);
	NEED(!munmap(buffer + PAGE, 7 * PAGE));
}

static void one_reads_what_is_with_the_other(int first, int second, char *mirror)
{
	char *buffer = anonymous(PAGES);

	fill(buffer, PAGES, 1);
	EQUAL(0, run(second, TO_DEVICE, buffer, mirror, PAGES));
	CHECK(is_filled(mirror, PAGES, 1));
	memset(mirror, 0, PAGES * PAGE);
	EQUAL(0, run(first, READ, buffer, mirror, PAGES));
	CHECK(is_filled(mirror, PAGES, 1));
	/* By reading it, it brought it back. */
	CHECK(is_seen(second, buffer, PAGES, SEEN_WRITE));
	fill(mirror, PAGES, 2);
	EQUAL(0, run(first, WRITE, buffer, mirror, PAGES));
	EQUAL(0, run(second, READ, buffer, mirror, PAGES));
	CHECK(is_filled(mirror, PAGES, 2));
	CHECK(is_filled(buffer, PAGES, 2));

	EQUAL(0, run(first, EXCLUSIVE, buffer, mirror, PAGES));
	EQUAL(0, run(second, READ, buffer, mirror, PAGES));
	CHECK(is_filled(mirror, PAGES, 2));
	EQUAL(0, run(first, CHECK_EXCLUSIVE, buffer, mirror, PAGES));
	NEED(!munmap(buffer, PAGES * PAGE));
}

static void each_has_its_own_table(int first, int second, char *mirror)
{
	char *buffer = anonymous(PAGES);

	fill(buffer, PAGES, 3);
	EQUAL(0, run(first, READ, buffer, mirror, PAGES));
	EQUAL(1, faults);
	EQUAL(0, run(second, READ, buffer, mirror, PAGES));
	EQUAL(1, faults);
	/* So has each descriptor of one device. */
	int again = open_device(0);
	EQUAL(0, run(again, READ, buffer, mirror, PAGES));
	EQUAL(1, faults);
	close(again);
	EQUAL(0, run(first, READ, buffer, mirror, PAGES));
	EQUAL(0, faults);
	NEED(!munmap(buffer, PAGES * PAGE));
}

int main(void)
{
	int first = open_device(0);
	int second = open_device(1);
	char *mirror = anonymous(PAGES);

	they_migrate_a_mix(first, second, mirror);
	one_reads_what_is_with_the_other(first, second, mirror);
	each_has_its_own_table(first, second, mirror);
	return finish();
}
