/* Devices 2 and 3: memory that the program reaches too, so that no touch brings it back. */
#include "device.h"

#define PAGES 64

int main(void)
{
	int device = open_device(2);
	int other = open_device(3);
	char *mirror = anonymous(PAGES);
	char *buffer = anonymous(PAGES);
	pid_t child;

	fill(buffer, PAGES, 1);
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
	EQUAL(PAGES, cpages);
	CHECK(is_filled(mirror, PAGES, 1));
	CHECK(is_seen(device, buffer, PAGES, SEEN_COHERENT_LOCAL | SEEN_WRITE));
	CHECK(is_seen(other, buffer, PAGES, SEEN_COHERENT_REMOTE | SEEN_WRITE));

	/* Touched, written by both sides, and still there. */
	CHECK(is_filled(buffer, PAGES, 1));
	fill(buffer, PAGES, 2);
	EQUAL(0, run(device, READ, buffer, mirror, PAGES));
	CHECK(is_filled(mirror, PAGES, 2));
	fill(mirror, PAGES, 3);
	EQUAL(0, run(device, WRITE, buffer, mirror, PAGES));
	CHECK(is_filled(buffer, PAGES, 3));
	CHECK(is_seen(device, buffer, PAGES, SEEN_COHERENT_LOCAL | SEEN_WRITE));
	/* The other device reads it where it is. */
	EQUAL(0, run(other, READ, buffer, mirror, PAGES));
	CHECK(is_filled(mirror, PAGES, 3));
	CHECK(is_seen(device, buffer, PAGES, SEEN_COHERENT_LOCAL | SEEN_WRITE));

	EQUAL(0, run(device, TO_SYSTEM, buffer, mirror, PAGES));
	EQUAL(PAGES, cpages);
	CHECK(is_seen(device, buffer, PAGES, SEEN_WRITE));
	CHECK(is_filled(buffer, PAGES, 3));

	/* Pages that do not exist, a fork, and the end by RELEASE. */
	NEED(!madvise(buffer, PAGES * PAGE, MADV_DONTNEED));
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
	CHECK(is_zero(mirror, PAGES));
	CHECK(is_seen(device, buffer, PAGES, SEEN_COHERENT_LOCAL | SEEN_WRITE));
	fill(buffer, PAGES, 4);
	NEED((child = fork()) >= 0);
	if (!child) {
		CHECK(is_filled(buffer, PAGES, 4));
		fill(buffer, PAGES, 5);
		_exit(failures != 0);
	}
	EQUAL(0, wait_for(child));
	CHECK(is_filled(buffer, PAGES, 4));
	/* Differs from the kernel, where they are the device's until they are written: system memory since the fork. */
	CHECK(is_seen(device, buffer, PAGES, SEEN_WRITE));
	EQUAL(0, run(device, RELEASE, buffer, mirror, PAGES));
	CHECK(is_filled(buffer, PAGES, 4));
	EQUAL(0, run(device, READ, buffer, mirror, PAGES));
	CHECK(is_filled(mirror, PAGES, 4));
	return finish();
}
