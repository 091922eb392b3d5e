/* Processes that die at any moment, with pages on devices and forks under way; the devices go on serving whoever is left. */
#include "device.h"

#define PAGES 64
#define ROUNDS 40

static _Noreturn void use_devices_until_killed(unsigned seed)
{
	char *buffer = anonymous(PAGES), *mirror = anonymous(PAGES);
	int devices[4];
	int is_fork = 0;

	for (int i = 0; i < 4; i++)
		devices[i] = open_device(i);
	for (;;) {
		int device = devices[rand_r(&seed) % 4];
		unsigned long first = rand_r(&seed) % PAGES;
		unsigned long pages = 1 + rand_r(&seed) % (PAGES - first);

		switch (rand_r(&seed) % 8) {
		case 0 ... 2: run(device, TO_DEVICE, buffer + first * PAGE, mirror, pages); break;
		case 3: run(device, EXCLUSIVE, buffer + first * PAGE, mirror, pages); break;
		case 4: run(device, WRITE, buffer + first * PAGE, mirror, pages); break;
		case 5: memset(buffer + first * PAGE, 1, pages * PAGE); break;
		case 6: madvise(buffer + first * PAGE, pages * PAGE, MADV_DONTNEED); break;
		default:
			if (!is_fork && rand_r(&seed) % 4 == 0 && fork() == 0) {
				/* Dies with its parent's group. */
				is_fork = 1;
				run(device, READ, buffer, mirror, PAGES);
				close(devices[0]);
				devices[0] = open_device(0);
			}
		}
	}
}

int main(int count, char **arguments)
{
	unsigned seed = count > 1 ? atoi(arguments[1]) : 1;
	int device = open_device(0);
	char *buffer = anonymous(PAGES), *mirror = anonymous(PAGES);

	for (int i = 0; i < ROUNDS; i++) {
		pid_t child = fork();

		NEED(child >= 0);
		if (!child) {
			setpgid(0, 0);
			use_devices_until_killed(seed + i);
		}
		setpgid(child, child);
		fill(buffer, PAGES, i);
		EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
		usleep(rand_r(&seed) % 20000);
		kill(-child, SIGKILL);
		EQUAL(128 + SIGKILL, wait_for(child));
		CHECK(is_filled(mirror, PAGES, i));
		CHECK(is_filled(buffer, PAGES, i));
	}
	/* All frames of the device are free again: as many as it has can be taken. */
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
	CHECK(is_filled(buffer, PAGES, ROUNDS - 1));
	return finish();
}
