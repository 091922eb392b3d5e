/*
 * One thread changes memory, three others with devices of their own give commands for it. No address is used twice, so every page must have
 * its content at every moment. Arguments: the device, the seconds, what to race: write, unmap, move or rest.
 */
#include "device.h"
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>

#define PAGES 48
#define THREADS 3
#define ROUNDS 20000UL

static _Atomic(char *) buffer;
static atomic_int is_over;
static int number, is_rest;
static int first_command, second_command;
static char *next_place;

static void *give_commands(void *argument)
{
	int device = open_device(number);
	char *mirror = malloc(PAGES * PAGE);
	unsigned random = 7 + (unsigned)(uintptr_t)argument;

	while (!is_over) {
		random = random * 1103515245 + 12345;
		int first = (random >> 16) % PAGES, count = 1 + (random >> 8) % (PAGES - first);
		int command = random >> 20 & 1 ? first_command : second_command;
		int error = run(device, command, buffer + first * PAGE, mirror, count);

		/* Nobody changes anything: what the device reads is right whenever it answers. */
		for (int i = 0; is_rest && !error && command == READ && i < count; i++) {
			int *words = (int *)(mirror + i * PAGE);

			if (words[0] != 64 + first + i || words[1023] != 64 + first + i) {
				CHECK(0, "page %d was read as %d", first + i, words[0]);
				is_over = 1;
				break;
			}
		}
	}
	free(mirror);
	close(device);
	return NULL;
}

static void fill_pages(char *pages, int version)
{
	for (int page = 0; page < PAGES; page++)
		for (int i = 0; i < 1024; i++)
			((int *)(pages + page * PAGE))[i] = version * 64 + page;
}

static int has_pages(const char *when, const char *pages, int version)
{
	for (int page = 0; page < PAGES; page++) {
		for (int i = 0; i < 1024; i++) {
			int found = ((const int *)(pages + page * PAGE))[i];

			if (found == version * 64 + page)
				continue;
			CHECK(0, "%s: page %d is version %d of page %d, not %d of %d", when, page, found / 64, found % 64, version, page);
			return 0;
		}
	}
	return 1;
}

static char *map_at_next_place(void)
{
	char *place = next_place;

	next_place += 2 * PAGES * PAGE;
	NEED(mmap(place, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == place);
	return place;
}

static int one_round(const char *race, int device, char *mirror, int version)
{
	char *old = buffer;

	if (!strcmp(race, "write")) {
		int error;

		fill_pages(mirror, version);
		do
			error = run(device, WRITE, old, mirror, PAGES);
		while (error == EBUSY && !is_over);
		EQUAL(0, error);
		return !error && has_pages("after WRITE", old, version);
	}
	if (!strcmp(race, "unmap")) {
		NEED(!munmap(old, PAGES * PAGE));
		buffer = old = map_at_next_place();
		fill_pages(old, version);
		return has_pages("after mmap", old, version) && has_pages("again", old, version);
	}
	if (!strcmp(race, "move")) {
		char *place = next_place;

		next_place += 2 * PAGES * PAGE;
		/* Past the C library: it is not announced to the device. */
		NEED((char *)syscall(SYS_mremap, old, PAGES * PAGE, PAGES * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place) == place);
		buffer = place;
		if (!has_pages("after mremap", place, version - 1))
			return 0;
		fill_pages(place, version);
		return has_pages("after a store", place, version);
	}
	return has_pages("at rest", old, 1);
}

int main(int count, char **arguments)
{
	const char *race = arguments[3];
	char *mirror = anonymous(PAGES);
	pthread_t threads[THREADS];
	time_t end;
	int version = 1;

	NEED(count == 4);
	number = atoi(arguments[1]);
	end = time(NULL) + atoi(arguments[2]);
	is_rest = !strcmp(race, "rest");
	first_command = is_rest ? READ : TO_DEVICE;
	second_command = !strcmp(race, "move") ? EXCLUSIVE : !strcmp(race, "unmap") ? TO_DEVICE : TO_SYSTEM;
	next_place = map_pages(2 * PAGES * ROUNDS, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
	buffer = map_at_next_place();
	fill_pages(buffer, version);
	for (uintptr_t i = 0; i < THREADS; i++)
		NEED(!pthread_create(&threads[i], NULL, give_commands, (void *)i));
	int device = open_device(number);

	while (time(NULL) < end && version < (int)ROUNDS - 2 && !is_over && one_round(race, device, mirror, version + 1))
		version++;
	is_over = 1;
	for (int i = 0; i < THREADS; i++)
		NEED(!pthread_join(threads[i], NULL));
	return finish();
}
