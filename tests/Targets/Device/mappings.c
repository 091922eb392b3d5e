/* munmap, mremap, madvise and reuse of addresses, while pages are with the device and while it reads. */
#include "device.h"

#define PAGES 64

static void unmapped_pages_are_gone(int device, char *mirror)
{
	char *buffer = anonymous(PAGES);

	fill(buffer, PAGES, 1);
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
	NEED(!munmap(buffer + PAGES / 2 * PAGE, PAGES / 2 * PAGE));
	EQUAL(EFAULT, run(device, READ, buffer, mirror, PAGES));
	EQUAL(0, run(device, READ, buffer, mirror, PAGES / 2));
	CHECK(is_filled(mirror, PAGES / 2, 1));

	/* The address again: new memory, of zeros. */
	NEED(mmap(buffer + PAGES / 2 * PAGE, PAGES / 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0)
		!= MAP_FAILED);
	CHECK(is_zero(buffer + PAGES / 2 * PAGE, PAGES / 2));
	EQUAL(0, run(device, READ, buffer, mirror, PAGES));
	CHECK(is_zero(mirror + PAGES / 2 * PAGE, PAGES / 2));
	CHECK(is_filled(buffer, PAGES / 2, 1));
	NEED(!munmap(buffer, PAGES * PAGE));
}

static void mapping_over_takes_the_pages(int device, char *mirror)
{
	char *buffer = anonymous(PAGES);

	for (int i = 0; i < 20; i++) {
		fill(buffer, PAGES, i);
		EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
		CHECK(is_filled(mirror, PAGES, i));
		NEED(mmap(buffer, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == buffer);
		CHECK(is_zero(buffer, PAGES));
	}
	NEED(!munmap(buffer, PAGES * PAGE));
}

static void moved_pages_move(int device, char *mirror)
{
	char *buffer = anonymous(PAGES);
	char *place = anonymous(PAGES);
	char *moved;

	fill(buffer, PAGES, 2);
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
	NEED((moved = mremap(buffer, PAGES * PAGE, PAGES * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place)) == place);
	EQUAL(EFAULT, run(device, READ, buffer, mirror, PAGES));
	memset(mirror, 0, PAGES * PAGE);
	EQUAL(0, run(device, READ, moved, mirror, PAGES / 2));
	CHECK(is_filled(mirror, PAGES / 2, 2));
	CHECK(is_filled(moved, PAGES, 2));
	EQUAL(0, run(device, TO_DEVICE, moved, mirror, PAGES));
	CHECK(is_filled(mirror, PAGES, 2));

	/* Grown: the pages that are new are of zeros. */
	NEED((moved = mremap(moved, PAGES * PAGE, 2 * PAGES * PAGE, MREMAP_MAYMOVE)) != MAP_FAILED);
	CHECK(is_zero(moved + PAGES * PAGE, PAGES));
	CHECK(is_filled(moved, PAGES, 2));
	NEED(!munmap(moved, 2 * PAGES * PAGE));
}

static void dropped_pages_are_zeros(int device, char *mirror)
{
	char *buffer = anonymous(PAGES);

	for (int i = 0; i < 20; i++) {
		fill(buffer, PAGES, 3);
		EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
		NEED(!madvise(buffer, PAGES / 2 * PAGE, MADV_DONTNEED));
		CHECK(is_zero(buffer, PAGES / 2));
		CHECK(is_filled(mirror, PAGES, 3));
		EQUAL(0, run(device, READ, buffer, mirror, PAGES));
		CHECK(is_zero(mirror, PAGES / 2));
		/* Again at once, when the pages exist. */
		fill(buffer, PAGES, 4);
		NEED(!madvise(buffer, PAGES * PAGE, MADV_DONTNEED));
		EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
		CHECK(is_zero(mirror, PAGES));
		CHECK(is_zero(buffer, PAGES));
	}
	NEED(!munmap(buffer, PAGES * PAGE));
}

struct reading {
	int device;
	char *buffer, *mirror;
	int stop;
};

static void *read_on_and_on(void *argument)
{
	struct reading *reading = argument;
	long errors = 0;

	while (!__atomic_load_n(&reading->stop, __ATOMIC_ACQUIRE)) {
		struct command command = { (uintptr_t)reading->buffer, (uintptr_t)reading->mirror, PAGES, 0, 0 };
		if (ioctl(reading->device, REQUEST(READ), &command))
			errors += errno == EFAULT ? 1 : 1000000;
		else if (!is_filled(reading->mirror, PAGES / 2, 5))
			errors += 1000000;
	}
	return (void *)errors;
}

/* The kernel's scenario of a teardown: half of the buffer goes while the device reads all of it. */
static void half_is_unmapped_while_the_device_reads(int device, char *mirror)
{
	char *buffer = anonymous(PAGES);
	struct reading reading = { device, buffer, mirror, 0 };
	char *half = buffer + PAGES / 2 * PAGE;
	pthread_t thread;
	void *errors;

	fill(buffer, PAGES, 5);
	NEED(!pthread_create(&thread, NULL, read_on_and_on, &reading));
	for (int i = 0; i < 100; i++) {
		usleep(500);
		NEED(!munmap(half, PAGES / 2 * PAGE));
		usleep(500);
		NEED(mmap(half, PAGES / 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == half);
		half[0] = 1;
	}
	__atomic_store_n(&reading.stop, 1, __ATOMIC_RELEASE);
	NEED(!pthread_join(thread, &errors));
	CHECK((long)errors < 1000000, "a read failed with another error, or with wrong data");
	CHECK(is_filled(buffer, PAGES / 2, 5));
	NEED(!munmap(buffer, PAGES * PAGE));
}

int main(void)
{
	int device = open_device(0);
	char *mirror = anonymous(PAGES);

	unmapped_pages_are_gone(device, mirror);
	mapping_over_takes_the_pages(device, mirror);
	moved_pages_move(device, mirror);
	dropped_pages_are_zeros(device, mirror);
	half_is_unmapped_while_the_device_reads(device, mirror);
	return finish();
}
