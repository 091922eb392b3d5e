/* Processes that die at any moment, with pages on devices and forks under way; the devices continue to serve the others. */
#include "device.h"
#include <dirent.h>

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

/* What our parent, the device process, has: "fd" or "task". */
static int count_of_parent(const char *what)
{
	char path[64];
	int count = 0;

	snprintf(path, sizeof(path), "/proc/%d/%s", getppid(), what);
	DIR *folder = opendir(path);
	NEED(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

static void leaves_nothing_behind(int descriptors, int threads)
{
	/* The last hang-ups may still be on their way, and the runtime keeps a few threads of its own for a while. */
	for (int i = 0; i < 6000; i++) {
		if (count_of_parent("fd") <= descriptors + 8 && count_of_parent("task") <= threads + 8)
			return;
		usleep(10000);
	}
	CHECK(0, "the device process has %d descriptors and %d threads, at first %d and %d",
		count_of_parent("fd"), count_of_parent("task"), descriptors, threads);
}

int main(int count, char **arguments)
{
	unsigned seed = count > 1 ? atoi(arguments[1]) : 1;
	int device = open_device(0);
	char *buffer = anonymous(PAGES), *mirror = anonymous(PAGES);
	int descriptors = count_of_parent("fd"), threads = count_of_parent("task");

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
	leaves_nothing_behind(descriptors, threads);
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
	CHECK(is_filled(buffer, PAGES, ROUNDS - 1));
	return finish();
}
