/* For the programs in this folder: the interface of the kernel's lib/test_hmm.c, and checks that say what failed. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct command {
	uint64_t address, pointer, pages, cpages, faults;
};

enum { READ, WRITE, TO_DEVICE, TO_SYSTEM, SNAPSHOT, EXCLUSIVE, CHECK_EXCLUSIVE, RELEASE, FLAGS };
#define REQUEST(nr) _IOWR('H', nr, struct command)

enum {
	SEEN_NONE = 0x00, SEEN_READ = 0x01, SEEN_WRITE = 0x02, SEEN_PMD = 0x04, SEEN_PUD = 0x08, SEEN_ZERO = 0x10,
	SEEN_PRIVATE_LOCAL = 0x20, SEEN_PRIVATE_REMOTE = 0x30, SEEN_COHERENT_LOCAL = 0x40, SEEN_COHERENT_REMOTE = 0x50, SEEN_ERROR = 0xff,
};

#define PAGE 4096UL
#define SKIPPED 77

static int failures;
static unsigned long cpages, faults;

#define CHECK(condition, ...)						\
	do {								\
		if (!(condition)) {					\
			fprintf(stderr, "%s:%d: %s:", __FILE__, __LINE__, #condition); \
			fprintf(stderr, " " __VA_ARGS__);		\
			fputc('\n', stderr);				\
			failures++;					\
		}							\
	} while (0)

#define EQUAL(expected, actual)						\
	do {								\
		long want_ = (long)(expected), have_ = (long)(actual);	\
		CHECK(want_ == have_, "%s: expected %ld (0x%lx), is %ld (0x%lx)", #actual, want_, want_, have_, have_); \
	} while (0)

#define NEED(condition)							\
	do {								\
		if (!(condition)) {					\
			fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #condition, strerror(errno)); \
			exit(2);					\
		}							\
	} while (0)

#define SKIP(reason)							\
	do {								\
		puts(reason);						\
		exit(SKIPPED);						\
	} while (0)

static inline int open_device(int device)
{
	char path[32];
	int descriptor;

	snprintf(path, sizeof(path), "/dev/hmm_dmirror%d", device);
	NEED((descriptor = open(path, O_RDWR)) >= 0);
	return descriptor;
}

/* Answers the error, or 0; sets cpages and faults. */
static inline int run(int descriptor, int nr, const void *address, void *pointer, unsigned long pages)
{
	struct command command = { (uintptr_t)address, (uintptr_t)pointer, pages, 0, 0 };
	int result = ioctl(descriptor, REQUEST(nr), &command);

	cpages = command.cpages;
	faults = command.faults;
	return result ? errno : 0;
}

static inline char *map_pages(unsigned long pages, int protection, int flags, int file)
{
	char *mapped = mmap(NULL, pages * PAGE, protection, flags, file, 0);

	NEED(mapped != MAP_FAILED);
	return mapped;
}

static inline char *anonymous(unsigned long pages)
{
	return map_pages(pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

/* A different content for each seed and place. */
static inline void fill(void *address, unsigned long pages, int seed)
{
	int *numbers = address;

	for (unsigned long i = 0; i < pages * PAGE / sizeof(int); i++)
		numbers[i] = (int)(i * 2654435761u) ^ (seed * 40503);
}

static inline int is_filled(const void *address, unsigned long pages, int seed)
{
	const int *numbers = address;

	for (unsigned long i = 0; i < pages * PAGE / sizeof(int); i++) {
		if (numbers[i] != ((int)(i * 2654435761u) ^ (seed * 40503))) {
			fprintf(stderr, "page %lu: number %lu is 0x%x\n", i * sizeof(int) / PAGE, i, numbers[i]);
			return 0;
		}
	}
	return 1;
}

static inline int is_zero(const void *address, unsigned long pages)
{
	const long *numbers = address;

	for (unsigned long i = 0; i < pages * PAGE / sizeof(long); i++) {
		if (numbers[i])
			return 0;
	}
	return 1;
}

/* Expects each byte of a snapshot to be one and the same. */
static inline int is_seen(int descriptor, const void *address, unsigned long pages, int expected)
{
	unsigned char *seen = malloc(pages);
	int right = 1;
	int error;

	memset(seen, 0xee, pages);
	error = run(descriptor, SNAPSHOT, address, seen, pages);
	if (error)
		fprintf(stderr, "snapshot: %s\n", strerror(error));
	for (unsigned long i = 0; i < pages && right; i++) {
		if (seen[i] != expected) {
			fprintf(stderr, "page %lu of %lu is seen as 0x%02x, not 0x%02x\n", i, pages, seen[i], expected);
			right = 0;
		}
	}
	free(seen);
	return right && !error;
}

/* The exit code of a child; 128 and the signal if one ended it. */
static inline int wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		NEED(errno == EINTR);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static inline int finish(void)
{
	if (!failures)
		puts("ok");
	return failures ? 1 : 0;
}
