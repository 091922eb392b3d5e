/* What a device may write changes with mprotect, which has no event: in parts of mappings, of mappings that were cut, joined or shared by threads. */
#include "device.h"

#define PAGES 16
#define ROUNDS 3000

static char *mapped(int protection)
{
	char *buffer = mmap(NULL, PAGES * PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	NEED(buffer != MAP_FAILED);
	return buffer;
}

static void fill_pages(char *buffer, unsigned long pages, int seed)
{
	for (unsigned long i = 0; i < pages; i++)
		fill(buffer + i * PAGE, 1, seed);
}

static int are_filled(const char *buffer, unsigned long pages, int seed)
{
	for (unsigned long i = 0; i < pages; i++) {
		if (!is_filled(buffer + i * PAGE, 1, seed))
			return 0;
	}
	return 1;
}

/* The device has the pages, and may write them. */
static void move_all(int device, char *buffer, char *mirror)
{
	fill_pages(buffer, PAGES, 1);
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
}

static void must_refuse(int device, char *buffer, char *mirror, unsigned long pages)
{
	fill_pages(mirror, pages, 2);
	EQUAL(EPERM, run(device, WRITE, buffer, mirror, pages));
	EQUAL(0, run(device, READ, buffer, mirror, pages));
	CHECK(are_filled(mirror, pages, 1), "the write was refused, and is there");
}

static void another_part_was_protected_before(int device, char *mirror)
{
	char *buffer = mapped(PROT_READ | PROT_WRITE);

	move_all(device, buffer, mirror);
	NEED(!mprotect(buffer + 8 * PAGE, 8 * PAGE, PROT_READ));
	EQUAL(0, run(device, READ, buffer + 8 * PAGE, mirror, 8));
	NEED(!mprotect(buffer, 4 * PAGE, PROT_READ));
	must_refuse(device, buffer, mirror, 4);
}

static void another_part_was_unmapped_before(int device, char *mirror)
{
	char *buffer = mapped(PROT_READ | PROT_WRITE);

	move_all(device, buffer, mirror);
	NEED(!munmap(buffer + 8 * PAGE, 8 * PAGE));
	NEED(!mprotect(buffer, 4 * PAGE, PROT_READ));
	must_refuse(device, buffer, mirror, 4);
}

/* Two mappings become one. */
static void the_neighbour_was_looked_at_after_it_was_protected_too(int device, char *mirror)
{
	char *buffer = mapped(PROT_READ | PROT_WRITE);

	NEED(!mprotect(buffer + 8 * PAGE, 8 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC));
	move_all(device, buffer, mirror);
	NEED(!mprotect(buffer, PAGES * PAGE, PROT_READ));
	EQUAL(0, run(device, READ, buffer, mirror, 4));
	must_refuse(device, buffer + 8 * PAGE, mirror, 4);
}

struct part {
	char *buffer;
	int device;
};

static volatile int is_over;

static void *use_part(void *argument)
{
	struct part *part = argument;
	char *mirror = anonymous(PAGES);

	while (!is_over) {
		run(part->device, TO_DEVICE, part->buffer, mirror, PAGES / 4);
		EQUAL(0, run(part->device, READ, part->buffer, mirror, PAGES / 4));
		EQUAL(0, run(part->device, TO_SYSTEM, part->buffer, mirror, PAGES / 4));
	}
	return NULL;
}

/* Three threads, each with a part of one mapping. One protects its part, and the others ask for theirs meanwhile. */
static void other_threads_use_their_parts(int device, char *mirror)
{
	char *buffer = mapped(PROT_READ | PROT_WRITE);
	char *mine = buffer + PAGES / 2 * PAGE;
	struct part parts[2];
	pthread_t threads[2];

	for (int i = 0; i < 2; i++) {
		parts[i] = (struct part){ buffer + i * PAGES / 4 * PAGE, open_device(0) };
		NEED(!pthread_create(&threads[i], NULL, use_part, &parts[i]));
	}
	for (int i = 0; i < ROUNDS && !failures; i++) {
		fill_pages(mine, PAGES / 2, 1);
		EQUAL(0, run(device, TO_DEVICE, mine, mirror, PAGES / 2));
		NEED(!mprotect(mine, PAGES / 2 * PAGE, PROT_READ));
		must_refuse(device, mine, mirror, PAGES / 2);
		CHECK(are_filled(mine, PAGES / 2, 1), "round %d", i);
		NEED(!mprotect(mine, PAGES / 2 * PAGE, PROT_READ | PROT_WRITE));
	}
	is_over = 1;
	for (int i = 0; i < 2; i++)
		NEED(!pthread_join(threads[i], NULL));
}

int main(void)
{
	int device = open_device(0);
	char *mirror = anonymous(PAGES);

	another_part_was_protected_before(device, mirror);
	another_part_was_unmapped_before(device, mirror);
	the_neighbour_was_looked_at_after_it_was_protected_too(device, mirror);
	other_threads_use_their_parts(device, mirror);
	return finish();
}
