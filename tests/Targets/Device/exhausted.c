/* A program without free descriptors: opening a device or a request fails like any other call, and works again when there are some. */
#include "device.h"
#include <sys/resource.h>

#define PAGES 4
#define LIMIT 64

static int held[LIMIT], holds;

static void hold_all_but(int left)
{
	struct rlimit limit = { LIMIT, LIMIT };
	int descriptor;

	NEED(!setrlimit(RLIMIT_NOFILE, &limit));
	while ((descriptor = dup(STDOUT_FILENO)) >= 0)
		held[holds++] = descriptor;
	EQUAL(EMFILE, errno);
	while (left--)
		close(held[--holds]);
}

static void let_go(void)
{
	while (holds)
		close(held[--holds]);
}

static void requests_without_descriptors(void)
{
	int device = open_device(0);
	char *buffer = anonymous(PAGES), *mirror = anonymous(PAGES);
	pid_t child;

	fill(buffer, PAGES, 1);
	EQUAL(0, run(device, TO_DEVICE, buffer, mirror, PAGES));
	hold_all_but(0);
	/* One line for both. */
	EQUAL(EMFILE, run(device, READ, buffer, mirror, PAGES));
	EQUAL(EMFILE, run(device, READ, buffer, mirror, PAGES));
	EQUAL(-1, open("/dev/hmm_dmirror1", O_RDWR));
	EQUAL(EMFILE, errno);
	/* The device is not asked before the fork, and the child has its memory all the same. */
	NEED((child = fork()) >= 0);
	if (!child)
		_exit(is_filled(buffer, PAGES, 1) ? 0 : 1);
	EQUAL(0, wait_for(child));
	let_go();
	EQUAL(0, run(device, READ, buffer, mirror, PAGES));
	CHECK(is_filled(mirror, PAGES, 1) && is_filled(buffer, PAGES, 1));
}

/* One is enough to reach the device process, but not to open a device. */
static void opening_with_one_descriptor(void)
{
	hold_all_but(1);
	EQUAL(-1, open("/dev/hmm_dmirror0", O_RDWR));
	EQUAL(EMFILE, errno);
	let_go();
	NEED(!close(open_device(0)));
}

int main(int count, char **arguments)
{
	if (count > 1 && !strcmp(arguments[1], "open"))
		opening_with_one_descriptor();
	else
		requests_without_descriptors();
	return finish();
}
