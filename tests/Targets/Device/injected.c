/* The target of the fault injection: commands may fail, but the memory is always what was written last. */
#include "device.h"

#define PAGES 8

int main(void)
{
	int device = open("/dev/hmm_dmirror0", O_RDWR);
	int other = open("/dev/hmm_dmirror0", O_RDWR);
	char *buffer = anonymous(PAGES), *mirror = anonymous(PAGES), *moved;

	alarm(25);
	for (int round = 1; round < 12 && !failures; round++) {
		fill(buffer, PAGES, round);
		(void)run(device, TO_DEVICE, buffer, mirror, PAGES);
		CHECK(is_filled(buffer, PAGES, round), "after migration, round %d", round);
		(void)run(device, TO_DEVICE, buffer, mirror, PAGES);
		if (!run(other, READ, buffer, mirror, PAGES))
			CHECK(is_filled(mirror, PAGES, round), "read, round %d", round);
		(void)run(device, EXCLUSIVE, buffer, mirror, PAGES);
		CHECK(is_filled(buffer, PAGES, round), "after exclusive access, round %d", round);
		fill(mirror, PAGES, round + 100);
		if (!run(device, WRITE, buffer, mirror, PAGES))
			CHECK(is_filled(buffer, PAGES, round + 100), "write, round %d", round);
		else
			fill(buffer, PAGES, round + 100);
		(void)run(device, TO_DEVICE, buffer, mirror, PAGES);
		if (round % 4 == 1) {
			pid_t child = fork();

			if (!child)
				_exit(!is_filled(buffer, PAGES, round + 100));
			if (child > 0) {
				int status = wait_for(child);

				/* A page that the child cannot be given is lost for it, and says so. */
				CHECK(status == 0 || status == 128 + SIGBUS, "the child ends with %d", status);
			}
		}
		if (round % 4 == 2) {
			moved = mremap(buffer, PAGES * PAGE, PAGES * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, anonymous(PAGES));
			NEED(moved != MAP_FAILED);
			buffer = moved;
			CHECK(is_filled(buffer, PAGES, round + 100), "moved, round %d", round);
			(void)run(device, TO_DEVICE, buffer, mirror, PAGES);
		}
		if (round % 4 == 3) {
			NEED(!madvise(buffer, PAGES / 2 * PAGE, MADV_DONTNEED));
			CHECK(is_zero(buffer, PAGES / 2), "dropped, round %d", round);
			fill(buffer, PAGES, round + 100);
		}
		(void)run(device, TO_SYSTEM, buffer, mirror, PAGES);
		CHECK(is_filled(buffer, PAGES, round + 100), "back, round %d", round);
	}
	(void)run(device, TO_DEVICE, buffer, mirror, PAGES);
	fill(mirror, PAGES, 1);
	moved = anonymous(PAGES);
	memcpy(moved, buffer, PAGES * PAGE);
	(void)run(device, TO_DEVICE, buffer, mirror, PAGES);
	close(device);
	close(other);
	CHECK(!memcmp(moved, buffer, PAGES * PAGE), "after the last close");
	return failures ? 99 : 0;
}
