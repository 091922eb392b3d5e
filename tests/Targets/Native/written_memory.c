// written_memory MIB PAGES_PER_SECOND MAPPINGS: memory of which so many pages are written each second, 0 for none, -1 for as fast as it goes.
// A thread wakes up every 50 µs, writes a page, and looks at the clock. At each line on standard input it answers
// "LONGEST_GAP_IN_NANOSECONDS PAGES_WRITTEN" since the line before; at the end of input the program ends. Every other mapping is read-only
// after it was filled, so that the kernel joins none.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

enum { PAGE = 4096, OWN_PAGES = 256 };

static unsigned char *memory;
static size_t pages, pages_per_mapping;
static double rate;
static _Atomic uint64_t longest, written;

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static void wait_for(uint64_t nanoseconds)
{
    struct timespec time = { .tv_nsec = nanoseconds };
    nanosleep(&time, NULL);
}

static void *watch_clock(void *own)
{
    prctl(PR_SET_TIMERSLACK, 1);
    uint64_t before = now();
    for (size_t i = 0;; i++) {
        wait_for(50000);
        ((volatile unsigned char *)own)[i % OWN_PAGES * PAGE] = i;
        uint64_t time = now(), gap = time - before, seen = longest;
        while (gap > seen && !atomic_compare_exchange_weak(&longest, &seen, gap))
            ;
        before = time;
    }
    return NULL;
}

static void write_page(uint64_t number)
{
    size_t page = number % pages;
    if (page / pages_per_mapping % 2 != 0)
        page -= pages_per_mapping;
    ((volatile uint64_t *)(memory + page * PAGE))[1] = number;
    written++;
}

static void *write_pages(void *unused)
{
    uint64_t begin = now(), number = 0, random = 88172645463325252ull;
    for (;;) {
        uint64_t due = rate < 0 ? number + 1024 : (now() - begin) / 1e9 * rate;
        for (; number < due; number++) {
            random ^= random << 13, random ^= random >> 7, random ^= random << 17;
            write_page(rate < 0 ? number : random);
        }
        if (rate >= 0)
            wait_for(1000000);
    }
    return unused;
}

int main(int count, char **words)
{
    if (count != 4)
        return 2;
    size_t mappings = strtoul(words[3], NULL, 10);
    pages = strtoul(words[1], NULL, 10) << 8;
    pages_per_mapping = mappings < 2 ? pages : pages / mappings;
    rate = strtod(words[2], NULL);
    memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void *own = mmap(NULL, OWN_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || own == MAP_FAILED || pages_per_mapping == 0)
        return 2;
    madvise(memory, pages * PAGE, MADV_NOHUGEPAGE);
    for (size_t page = 0; page < pages; page++)
        *(uint64_t *)(memory + page * PAGE) = page + 1;
    for (size_t first = pages_per_mapping; first < pages; first += 2 * pages_per_mapping) {
        size_t length = first + pages_per_mapping > pages ? pages - first : pages_per_mapping;
        if (mprotect(memory + first * PAGE, length * PAGE, PROT_READ) != 0)
            return perror("mprotect"), 2;
    }

    pthread_t clock, writer;
    pthread_create(&clock, NULL, watch_clock, own);
    if (rate != 0)
        pthread_create(&writer, NULL, write_pages, NULL);
    puts("ready");
    fflush(stdout);
    char line[16];
    while (fgets(line, sizeof line, stdin)) {
        uint64_t gap = atomic_exchange(&longest, 0), count = atomic_exchange(&written, 0);
        printf("%llu %llu\n", (unsigned long long)gap, (unsigned long long)count);
        fflush(stdout);
    }
    return 0;
}
