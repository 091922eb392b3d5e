// A target for the mirror: mremap with old size 0 makes second mappings of shared pages, at new places and over mappings that were there.
// Usage: duplicates SECONDS. It checks what it reads, too.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 32, KEPT = 8 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void fail(const char *what)
{
    printf("duplicates: wrong: %s\n", what);
    exit(99);
}

int main(int argc, char **argv)
{
    double end = now() + atof(argc > 1 ? argv[1] : "1");
    size_t size = (size_t)PAGES * PAGE;
    unsigned char *first = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    unsigned char *kept[KEPT];
    unsigned rounds = 0;
    for (int i = 0; i < KEPT; i++) {
        kept[i] = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memset(kept[i], 0xee, size);
    }
    while (now() < end) {
        unsigned char value = 1 + rounds % 200;
        int i = rounds % KEPT;
        memset(first, value, size);
        // Every other one goes over what was there; the others leave their place to the next.
        unsigned char *second = rounds & 1
            ? mremap(first, 0, size, MREMAP_MAYMOVE | MREMAP_FIXED, kept[i])
            : mremap(first, 0, size, MREMAP_MAYMOVE);
        if (second == MAP_FAILED)
            fail("mremap");
        if (second[5] != value || second[size - 1] != value)
            fail("second");
        memset(second + PAGE, value + 1, PAGE);
        if (first[PAGE + 7] != (unsigned char)(value + 1) || first[0] != value)
            fail("first");
        if (rounds & 1) {
            if (mmap(second, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != second)
                fail("mmap");
            memset(second, 0xee, size);
        } else if (munmap(second, size)) {
            fail("munmap");
        }
        if (++rounds % 8 == 0)
            usleep(2000);
    }
    // One stays, for the last comparison.
    unsigned char *last = mremap(first, 0, size, MREMAP_MAYMOVE);
    memset(last, 7, size);
    usleep(700000);
    if (first[0] != 7 || first[size - 1] != 7)
        fail("end");
    printf("duplicates: right\n");
    return 0;
}
