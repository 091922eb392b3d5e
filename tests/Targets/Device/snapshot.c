/* What a snapshot shows; it never faults. */
#include "device.h"

/* Some kernels have no page of zeros: what is read first gets a page of its own. Frames are shown to root only; to others all look the same. */
static int has_zero_page(void)
{
	volatile char *pages = anonymous(2);
	uint64_t entries[2];
	char sum = pages[0] + pages[PAGE];
	int table = open("/proc/self/pagemap", O_RDONLY);

	(void)sum;
	NEED(pread(table, entries, sizeof(entries), (uintptr_t)pages / PAGE * sizeof(*entries)) == sizeof(entries));
	close(table);
	return entries[0] == entries[1];
}

int main(void)
{
	int device = open_device(0);
	int other = open_device(1);
	char *mirror = anonymous(8);
	char *buffer = anonymous(8);
	unsigned char seen[8];
	volatile char sum = 0;

	/* Nothing there, and nothing there afterwards. */
	CHECK(is_seen(device, buffer, 8, SEEN_NONE));
	CHECK(is_seen(device, buffer, 8, SEEN_NONE));

	/* Hole, no permission, zero page, written page, on this device, on the other one, none. */
	NEED(!munmap(buffer, PAGE));
	NEED(!mprotect(buffer + PAGE, PAGE, PROT_NONE));
	sum += buffer[2 * PAGE];
	memset(buffer + 3 * PAGE, 1, 3 * PAGE);
	NEED(!mprotect(buffer + 6 * PAGE, PAGE, PROT_READ));
	EQUAL(0, run(device, TO_DEVICE, buffer + 4 * PAGE, mirror, 1));
	EQUAL(0, run(other, TO_DEVICE, buffer + 5 * PAGE, mirror, 1));
	EQUAL(0, run(device, SNAPSHOT, buffer, seen, 8));
	EQUAL(8, cpages);
	EQUAL(SEEN_ERROR, seen[0]);
	EQUAL(SEEN_ERROR, seen[1]);
	EQUAL(has_zero_page() ? SEEN_ZERO | SEEN_READ : SEEN_WRITE, seen[2]);
	EQUAL(SEEN_WRITE, seen[3]);
	EQUAL(SEEN_PRIVATE_LOCAL | SEEN_WRITE, seen[4]);
	EQUAL(SEEN_NONE, seen[5]);
	EQUAL(SEEN_NONE, seen[6]);
	EQUAL(SEEN_NONE, seen[7]);

	/* The touch of a snapshot's pages is the program's own. */
	CHECK(buffer[5 * PAGE] == 1 && buffer[4 * PAGE] == 1);
	CHECK(is_seen(device, buffer + 3 * PAGE, 3, SEEN_WRITE));
	NEED(!mprotect(buffer + 3 * PAGE, 3 * PAGE, PROT_READ));
	CHECK(is_seen(device, buffer + 3 * PAGE, 3, SEEN_READ));
	NEED(!mprotect(buffer + 3 * PAGE, 3 * PAGE, PROT_READ | PROT_WRITE));

	/* After a fork the parent's pages are copied on write, until it writes them. */
	pid_t child = fork();
	NEED(child >= 0);
	if (!child) {
		pause();
		_exit(0);
	}
	CHECK(is_seen(device, buffer + 3 * PAGE, 3, SEEN_READ));
	memset(buffer + 3 * PAGE, 2, 3 * PAGE);
	CHECK(is_seen(device, buffer + 3 * PAGE, 3, SEEN_WRITE));
	kill(child, SIGKILL);
	EQUAL(128 + SIGKILL, wait_for(child));

	/* Differs from the kernel, which shows READ until the parent writes: nobody shares the page any more, and that is all that is to be seen. */
	NEED((child = fork()) >= 0);
	if (!child)
		_exit(0);
	EQUAL(0, wait_for(child));
	CHECK(is_seen(device, buffer + 3 * PAGE, 3, SEEN_WRITE));

	/* The device's own mapping. */
	char *own = map_pages(8, PROT_READ, MAP_PRIVATE, device);
	CHECK(is_zero(own, 8));
	CHECK(is_seen(device, own, 8, SEEN_READ));
	NEED(!munmap(own, 8 * PAGE));
	own = map_pages(8, PROT_READ | PROT_WRITE, MAP_PRIVATE, device);
	CHECK(is_seen(device, own, 8, SEEN_READ));
	own[0] = 1;
	CHECK(is_seen(device, own, 1, SEEN_WRITE));
	NEED(!munmap(own, 8 * PAGE));
	(void)sum;
	return finish();
}
