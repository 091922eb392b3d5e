/* Random changes, accesses and migrations by several threads at once, each on memory of its own, of which it knows what must be in it. */
#include "device.h"

#define THREADS 3
#define PAGES 24
#define ROUNDS 400

static unsigned start_seed;

struct memory {
	char *buffer, *mirror;
	int seeds[PAGES];	/* what each page is filled with; 0: zeros */
	unsigned random;
	int devices[4];
	int round, operation;
};

static void page_fill(char *page, int seed)
{
	if (seed)
		fill(page, 1, seed);
	else
		memset(page, 0, PAGE);
}

static int page_is(const char *page, int seed)
{
	return seed ? is_filled(page, 1, seed) : is_zero(page, 1);
}

static void compare(struct memory *memory, const char *content, unsigned long first, unsigned long pages)
{
	for (unsigned long i = 0; i < pages; i++)
		CHECK(page_is(content + i * PAGE, memory->seeds[first + i]), "seed %u, round %d, operation %d, page %lu of %lu at %lu",
			start_seed, memory->round, memory->operation, i, pages, first);
}

static void set_seeds(struct memory *memory, unsigned long first, unsigned long pages, int seed)
{
	for (unsigned long i = 0; i < pages; i++)
		memory->seeds[first + i] = seed;
}

static void step(struct memory *memory)
{
	unsigned long first = rand_r(&memory->random) % PAGES;
	unsigned long pages = 1 + rand_r(&memory->random) % (PAGES - first);
	char *at = memory->buffer + first * PAGE;
	int device = memory->devices[rand_r(&memory->random) % 4];
	int seed = 1 + rand_r(&memory->random) % 1000000;
	pid_t child;

	memory->operation = rand_r(&memory->random) % 15;
	switch (memory->operation) {
	case 0 ... 2:
		/* What is with another device does not move. */
		if (!run(device, TO_DEVICE, at, memory->mirror, pages))
			compare(memory, memory->mirror, first, pages);
		break;
	case 3:
		EQUAL(0, run(device, READ, at, memory->mirror, pages));
		compare(memory, memory->mirror, first, pages);
		break;
	case 4:
		for (unsigned long i = 0; i < pages; i++)
			page_fill(memory->mirror + i * PAGE, seed);
		EQUAL(0, run(device, WRITE, at, memory->mirror, pages));
		set_seeds(memory, first, pages, seed);
		break;
	case 5:
		if (!run(device, EXCLUSIVE, at, memory->mirror, pages))
			compare(memory, memory->mirror, first, pages);
		break;
	case 6:
		EQUAL(0, run(device, TO_SYSTEM, at, memory->mirror, pages));
		break;
	case 7:
		for (unsigned long i = 0; i < pages; i++)
			page_fill(at + i * PAGE, seed);
		set_seeds(memory, first, pages, seed);
		break;
	case 8:
		NEED(!madvise(at, pages * PAGE, MADV_DONTNEED));
		set_seeds(memory, first, pages, 0);
		break;
	case 9:
		NEED(mmap(at, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at);
		set_seeds(memory, first, pages, 0);
		break;
	case 10: {
		/* All of it moves elsewhere, part by part, for it is of several mappings. */
		char *place = anonymous(PAGES);

		for (unsigned long i = 0; i < PAGES; i++)
			NEED(mremap(memory->buffer + i * PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place + i * PAGE) == place + i * PAGE);
		memory->buffer = place;
		break;
	}
	case 11:
		NEED(!mprotect(at, pages * PAGE, PROT_READ));
		EQUAL(EPERM, run(device, WRITE, at, memory->mirror, pages));
		EQUAL(0, run(device, READ, at, memory->mirror, pages));
		compare(memory, memory->mirror, first, pages);
		NEED(!mprotect(at, pages * PAGE, PROT_READ | PROT_WRITE));
		break;
	case 12:
		compare(memory, at, first, pages);
		break;
	case 13:
		/* What the other threads have with this device comes back meanwhile, too. */
		for (int i = 0; i < 4; i++) {
			if (memory->devices[i] == device) {
				close(device);
				memory->devices[i] = open_device(i);
			}
		}
		break;
	default:
		NEED((child = fork()) >= 0);
		if (!child) {
			failures = 0;
			compare(memory, memory->buffer, 0, PAGES);
			_exit(failures != 0);
		}
		EQUAL(0, wait_for(child));
	}
}

static void *storm(void *argument)
{
	struct memory memory = { .random = start_seed * 31 + (unsigned)(uintptr_t)argument };

	memory.buffer = anonymous(PAGES);
	memory.mirror = anonymous(PAGES);
	for (int i = 0; i < 4; i++)
		memory.devices[i] = open_device(i);
	for (memory.round = 0; memory.round < ROUNDS && !failures; memory.round++)
		step(&memory);
	compare(&memory, memory.buffer, 0, PAGES);
	for (int i = 0; i < 4; i++)
		close(memory.devices[i]);
	compare(&memory, memory.buffer, 0, PAGES);
	return NULL;
}

int main(int count, char **arguments)
{
	pthread_t threads[THREADS];

	start_seed = count > 1 ? atoi(arguments[1]) : 1;
	for (long i = 0; i < THREADS; i++)
		NEED(!pthread_create(&threads[i], NULL, storm, (void *)i));
	for (int i = 0; i < THREADS; i++)
		NEED(!pthread_join(threads[i], NULL));
	return finish();
}
