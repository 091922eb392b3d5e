/* Exclusive access of a device: the program's touch takes it back. */
#include "device.h"

#define PAGES 64

static void a_touch_takes_it_back(int device, char *mirror)
{
	char *buffer = anonymous(PAGES);

	fill(buffer, PAGES, 1);
	EQUAL(0, run(device, EXCLUSIVE, buffer, mirror, PAGES));
	EQUAL(PAGES, cpages);
	CHECK(is_filled(mirror, PAGES, 1));
	EQUAL(EPERM, run(device, CHECK_EXCLUSIVE, buffer, mirror, PAGES));
	CHECK(is_filled(buffer, PAGES, 1));
	EQUAL(0, run(device, CHECK_EXCLUSIVE, buffer, mirror, PAGES));
	fill(buffer, PAGES, 2);
	CHECK(is_filled(buffer, PAGES, 2));
	EQUAL(0, run(device, READ, buffer, mirror, PAGES));
	CHECK(is_filled(mirror, PAGES, 2));

	/* Twice in a row, and written by the device. */
	EQUAL(0, run(device, EXCLUSIVE, buffer, mirror, PAGES));
	EQUAL(0, run(device, EXCLUSIVE, buffer, mirror, PAGES));
	fill(mirror, PAGES, 3);
	EQUAL(0, run(device, WRITE, buffer, mirror, PAGES));
	CHECK(is_filled(buffer, PAGES, 3));
	NEED(!munmap(buffer, PAGES * PAGE));
}

static void obeys_mprotect(int device, char *mirror)
{
	char *buffer = anonymous(PAGES);

	fill(buffer, PAGES, 4);
	EQUAL(0, run(device, EXCLUSIVE, buffer, mirror, PAGES));
	NEED(!mprotect(buffer, PAGES * PAGE, PROT_READ));
	EQUAL(EPERM, run(device, WRITE, buffer, mirror, PAGES));
	CHECK(is_filled(buffer, PAGES, 4));
	NEED(!munmap(buffer, PAGES * PAGE));
}

static void both_sides_are_right_after_a_fork(int device, char *mirror)
{
	char *buffer = anonymous(PAGES);
	pid_t child;

	fill(buffer, PAGES, 5);
	EQUAL(0, run(device, EXCLUSIVE, buffer, mirror, PAGES));
	NEED((child = fork()) >= 0);
	CHECK(is_filled(buffer, PAGES, 5));
	if (!child) {
		fill(buffer, PAGES, 6);
		_exit(failures || !is_filled(buffer, PAGES, 6));
	}
	EQUAL(0, wait_for(child));
	CHECK(is_filled(buffer, PAGES, 5));
	NEED(!munmap(buffer, PAGES * PAGE));
}

static void is_refused_without_write_permission(int device, char *mirror)
{
	char *buffer = anonymous(PAGES);

	fill(buffer, PAGES, 7);
	NEED(!mprotect(buffer, PAGES * PAGE, PROT_READ));
	CHECK(run(device, EXCLUSIVE, buffer, mirror, PAGES) != 0);
	CHECK(is_filled(buffer, PAGES, 7));
	NEED(!munmap(buffer, PAGES * PAGE));
}

int main(void)
{
	int device = open_device(0);
	char *mirror = anonymous(PAGES);

	a_touch_takes_it_back(device, mirror);
	obeys_mprotect(device, mirror);
	both_sides_are_right_after_a_fork(device, mirror);
	is_refused_without_write_permission(device, mirror);
	return finish();
}
