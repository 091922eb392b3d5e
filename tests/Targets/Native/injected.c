// The target of the fault injection: changes its memory in every way, with two threads and short-lived children, and checks what it reads.
// For each line of its input it answers "ok ROUND"; it ends with its input, or after SECONDS if they are given.
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 64 };

static volatile unsigned long beats;

static void fail(const char *what)
{
    printf("wrong: %s\n", what);
    fflush(stdout);
    _exit(99);
}

static unsigned char *map(int flags)
{
    unsigned char *area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED)
        fail("mmap");
    return area;
}

static void is(const unsigned char *area, size_t bytes, unsigned char value, const char *what)
{
    for (size_t i = 0; i < bytes; i += 512)
        if (area[i] != value)
            fail(what);
}

static void *beat(void *unused)
{
    unsigned char *area = map(MAP_PRIVATE);
    (void)unused;
    for (;;) {
        memset(area, (unsigned char)++beats, PAGES * PAGE);
        is(area, PAGES * PAGE, (unsigned char)beats, "the second thread's memory");
        if (beats % 16 == 0 && madvise(area, PAGES * PAGE / 2, MADV_DONTNEED) == 0)
            is(area, PAGES * PAGE / 2, 0, "dropped memory");
        usleep(500);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 0;
    struct timespec begin, now;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    unsigned char *private = map(MAP_PRIVATE), *shared = map(MAP_SHARED);
    pthread_t thread;
    signal(SIGCHLD, SIG_IGN);
    memset(private, 0, PAGES * PAGE);
    pthread_create(&thread, NULL, beat, NULL);
    for (unsigned long round = 1;; round++) {
        unsigned char value = (unsigned char)round;
        memset(private, value, PAGES * PAGE);
        memset(shared, value ^ 0x55, PAGES * PAGE);
        unsigned char *passing = map(MAP_PRIVATE);
        memset(passing, value, PAGES * PAGE);
        passing = mremap(passing, PAGES * PAGE, PAGES * PAGE * 2, MREMAP_MAYMOVE);
        if (passing == MAP_FAILED)
            fail("mremap");
        is(passing, PAGES * PAGE, value, "moved memory");
        is(passing + PAGES * PAGE, PAGES * PAGE, 0, "grown memory");
        if (round % 32 == 0) {
            pid_t child = fork();
            if (child == 0) {
                is(private, PAGES * PAGE, value, "the child's memory");
                memset(private, 1, PAGES * PAGE);
                usleep(30000);
                _exit(0);
            }
            if (child < 0)
                fail("fork");
        }
        is(private, PAGES * PAGE, value, "private memory");
        is(shared, PAGES * PAGE, value ^ 0x55, "shared memory");
        if (munmap(passing, PAGES * PAGE * 2))
            fail("munmap");
        struct pollfd input = { .fd = 0, .events = POLLIN };
        if (seconds == 0 && poll(&input, 1, 1) > 0) {
            char line[256];
            if (read(0, line, sizeof line) <= 0)
                return 0;
            printf("ok %lu %lu\n", round, beats);
            fflush(stdout);
        } else if (seconds > 0) {
            clock_gettime(CLOCK_MONOTONIC, &now);
            if (now.tv_sec - begin.tv_sec + (now.tv_nsec - begin.tv_nsec) / 1e9 > seconds)
                return 7;
            usleep(1000);
        }
    }
}
