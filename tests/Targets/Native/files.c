// A target for the mirror: a file mapped shared and privately, and changed by stores, by write(2) and by truncation.
// Usage: files SECONDS PATH CHANGES, where CHANGES has the letters s (stores), w (write), t (truncation), p (stores to the private copy).
// With a fourth argument it rests that many milliseconds after each burst of changes, so that the file is not changed just now when looked at.
// It reads every page through every mapping, and checks what it finds.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 200, KEPT = 190 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void fail(const char *what)
{
    printf("files: wrong: %s\n", what);
    exit(99);
}

int main(int argc, char **argv)
{
    double end = now() + atof(argv[1]);
    size_t size = (size_t)PAGES * PAGE;
    int descriptor = open(argv[2], O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (descriptor < 0 || ftruncate(descriptor, size))
        fail("open");
    unsigned char *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    unsigned char *private = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor, 0);
    unsigned char *reader = mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    unsigned char expected[PAGES] = {0}, own[PAGES] = {0}, page[PAGE];
    unsigned seed = 1, steps = 0;
    while (now() < end) {
        seed = seed * 1103515245 + 12345;
        int i = (seed >> 8) % PAGES;
        unsigned char value = 1 + (seed >> 20) % 255;
        char change = argv[3][(seed >> 4) % strlen(argv[3])];
        if (change == 's') {
            memset(shared + i * PAGE, value, PAGE);
            expected[i] = value;
        } else if (change == 'w') {
            memset(page, value, PAGE);
            if (pwrite(descriptor, page, PAGE, (off_t)i * PAGE) != PAGE)
                fail("pwrite");
            expected[i] = value;
        } else if (change == 'p') {
            memset(private + i * PAGE, value, PAGE);
            own[i] = value;
        } else if (change == 't' && steps % 16 == 0) {
            // What lies beyond the new end is lost, in the private copy too, and zero when the file grows again.
            if (ftruncate(descriptor, (off_t)KEPT * PAGE) || ftruncate(descriptor, size))
                fail("ftruncate");
            memset(expected + KEPT, 0, PAGES - KEPT);
            memset(own + KEPT, 0, PAGES - KEPT);
        }
        if (shared[i * PAGE + 5] != expected[i] || reader[i * PAGE + 6] != expected[i])
            fail("content");
        if (private[i * PAGE + 7] != (own[i] ? own[i] : expected[i]))
            fail("private content");
        if (argc > 4 && ++steps % 400 == 0)
            usleep(atoi(argv[4]) * 1000);
        else if (argc <= 4 && ++steps % 20 == 0)
            usleep(300);
    }
    for (size_t i = 0; i < size; i++)
        if (shared[i] != expected[i / PAGE])
            fail("end");
    printf("files: right\n");
    return 0;
}
