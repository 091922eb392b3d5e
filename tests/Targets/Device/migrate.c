/* Migration to private device memory: data, touches that bring pages back, what cannot move. */
#include "device.h"
#include <sys/uio.h>

#define PAGES 1024

static void moves_and_comes_back(int device, char *mirror)
{
	char *buffer = anonymous(PAGES);

	fill(buffer, PAGES, 1);
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
	EQUAL(PAGES, cpages);
	CHECK(is_filled(mirror, PAGES, 1));
	CHECK(is_seen(device, buffer, PAGES, SEEN_PRIVATE_LOCAL | SEEN_WRITE));

	/* Half of it comes back by touches, by reading and by writing, then all goes again. */
	CHECK(is_filled(buffer, PAGES / 2, 1));
	buffer[0] ^= 0;
	CHECK(is_seen(device, buffer, PAGES / 2, SEEN_WRITE));
	CHECK(is_seen(device, buffer + PAGES / 2 * PAGE, PAGES / 2, SEEN_PRIVATE_LOCAL | SEEN_WRITE));
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
	EQUAL(PAGES, cpages);
	CHECK(is_filled(mirror, PAGES, 1));

	/* The device reads and writes its own memory. */
	fill(mirror, PAGES, 2);
	EQUAL(0, run(device, WRITE, buffer, mirror, PAGES));
	EQUAL(0, faults);
	CHECK(is_seen(device, buffer, PAGES, SEEN_PRIVATE_LOCAL | SEEN_WRITE));
	CHECK(is_filled(buffer, PAGES, 2));
	EQUAL(0, run(device, READ, buffer, mirror, PAGES));
	CHECK(is_filled(mirror, PAGES, 2));
	NEED(!munmap(buffer, PAGES * PAGE));
}

static void returns_by_request(int device, char *mirror)
{
	char *buffer = anonymous(64);

	for (int i = 0; i < 10; i++) {
		fill(buffer, 64, i);
		EQUAL(0, run(device, TO_DEVICE, buffer, mirror, 64));
		CHECK(is_filled(mirror, 64, i));
		EQUAL(0, run(device, TO_SYSTEM, buffer, mirror, 64));
		EQUAL(64, cpages);
		CHECK(is_seen(device, buffer, 64, SEEN_WRITE));
		CHECK(is_filled(buffer, 64, i));
	}
	NEED(!munmap(buffer, 64 * PAGE));
}

static void survives_release(int device, char *mirror)
{
	char *buffer = anonymous(64);

	fill(buffer, 64, 5);
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, 64));
	EQUAL(0, run(device, RELEASE, buffer, mirror, 64));
	CHECK(is_seen(device, buffer, 64, SEEN_WRITE));
	CHECK(is_filled(buffer, 64, 5));
	NEED(!munmap(buffer, 64 * PAGE));
}

static void survives_close(char *mirror)
{
	char *buffer = anonymous(64);
	int device = open_device(0);
	int other;

	fill(buffer, 64, 6);
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, 64));
	close(device);
	other = open_device(0);
	CHECK(is_seen(other, buffer, 64, SEEN_WRITE));
	CHECK(is_filled(buffer, 64, 6));
	close(other);
	NEED(!munmap(buffer, 64 * PAGE));
}

static void moves_pages_that_do_not_exist(int device, char *mirror)
{
	char *buffer = anonymous(8);

	memset(mirror, 1, 8 * PAGE);
	buffer[3 * PAGE] = 3;
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, 8));
	EQUAL(8, cpages);
	CHECK(mirror[3 * PAGE] == 3 && is_zero(mirror, 3) && is_zero(mirror + 4 * PAGE, 4));
	CHECK(buffer[3 * PAGE] == 3 && is_zero(buffer, 3) && is_zero(buffer + 4 * PAGE, 4));
	buffer[7 * PAGE] = 7;
	CHECK(buffer[7 * PAGE] == 7);
	NEED(!munmap(buffer, 8 * PAGE));
}

static void does_not_move(int device, char *mirror)
{
	char *shared = map_pages(8, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
	char *buffer = anonymous(8);

	fill(shared, 8, 7);
	EQUAL(ENOENT, run(device, TO_DEVICE, shared, mirror, 8));
	CHECK(is_filled(shared, 8, 7));
	NEED(!mprotect(buffer, PAGE, PROT_NONE));
	EQUAL(EINVAL, run(device, TO_DEVICE, buffer, mirror, 1));
	NEED(!munmap(buffer, PAGE));
	EQUAL(EINVAL, run(device, TO_DEVICE, buffer, mirror, 1));
	NEED(!munmap(buffer + PAGE, 7 * PAGE) && !munmap(shared, 8 * PAGE));
}

static void comes_back_for_the_kernel_too(int device, char *mirror)
{
	char *buffer = anonymous(8);
	int ends[2];

	fill(buffer, 8, 8);
	NEED(!pipe(ends));
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, 8));
	EQUAL(PAGE, write(ends[1], buffer, PAGE));
	EQUAL(PAGE, read(ends[0], buffer + 4 * PAGE, PAGE));
	CHECK(is_filled(buffer, 4, 8));
	CHECK(!memcmp(buffer, buffer + 4 * PAGE, PAGE));
	/* As the target of a request too. */
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, 8));
	EQUAL(0, run(device, READ, mirror, buffer, 8));
	CHECK(!memcmp(buffer, mirror, 8 * PAGE));
	close(ends[0]);
	close(ends[1]);
	NEED(!munmap(buffer, 8 * PAGE));
}

static void an_allocation_can_be_made_to_fail(int device, char *mirror)
{
	char *buffer = anonymous(8);

	fill(buffer, 8, 12);
	EQUAL(EINVAL, run(device, FLAGS, NULL, NULL, 0));
	EQUAL(0, run(device, FLAGS, NULL, NULL, 1));
	EQUAL(ENOENT, run(device, TO_DEVICE, buffer, mirror, 8));
	CHECK(is_seen(device, buffer, 1, SEEN_WRITE));
	CHECK(is_seen(device, buffer + PAGE, 7, SEEN_PRIVATE_LOCAL | SEEN_WRITE));
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, 1));
	CHECK(is_filled(buffer, 8, 12));
	NEED(!munmap(buffer, 8 * PAGE));
}

/* Differs from the kernel, which leaves a page in place that another process holds: that is not visible outside of the kernel. */
static void a_page_that_is_in_use_moves_too(int device, char *mirror)
{
	char *buffer = anonymous(1);
	struct iovec page = { buffer, PAGE };
	int ends[2];

	fill(buffer, 1, 11);
	NEED(!pipe(ends));
	NEED(vmsplice(ends[1], &page, 1, 0) == PAGE);
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, 1));
	CHECK(is_filled(mirror, 1, 11));
	memset(mirror, 0, PAGE);
	EQUAL(PAGE, read(ends[0], mirror, PAGE));
	CHECK(is_filled(mirror, 1, 11) && is_filled(buffer, 1, 11));
	close(ends[0]);
	close(ends[1]);
	NEED(!munmap(buffer, PAGE));
}

static void moves_the_heap_and_the_stack(int device, char *mirror)
{
	char stack[16 * PAGE];
	char *heap = malloc(16 * PAGE);
	char *in_stack = (char *)(((uintptr_t)stack + PAGE - 1) & -PAGE);
	char *in_heap = (char *)(((uintptr_t)heap + PAGE - 1) & -PAGE);

	fill(in_heap, 8, 9);
	fill(in_stack, 8, 10);
	EQUAL(0, run(device, TO_DEVICE, in_heap, mirror, 8));
	CHECK(is_filled(mirror, 8, 9));
	EQUAL(0, run(device, TO_DEVICE, in_stack, mirror, 8));
	CHECK(is_filled(mirror, 8, 10));
	CHECK(is_filled(in_heap, 8, 9));
	CHECK(is_filled(in_stack, 8, 10));
	free(heap);
}

int main(void)
{
	int device = open_device(0);
	char *mirror = anonymous(PAGES);

	moves_and_comes_back(device, mirror);
	returns_by_request(device, mirror);
	survives_release(device, mirror);
	survives_close(mirror);
	moves_pages_that_do_not_exist(device, mirror);
	does_not_move(device, mirror);
	comes_back_for_the_kernel_too(device, mirror);
	an_allocation_can_be_made_to_fail(device, mirror);
	a_page_that_is_in_use_moves_too(device, mirror);
	moves_the_heap_and_the_stack(device, mirror);
	return finish();
}
