/*
 * The side of the comparison that is UCX's registration cache (ucs_rcache_get, ucs_rcache_region_put), or, without one, the bare calls of a C
 * program: answers questions on standard input as `peers-side` does. C, so that the peer pays no transition from managed code.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <ucm/api/ucm.h>
#include <ucp/api/ucp.h>
#include <ucs/memory/rcache.h>

#define REGION 65536ul
#define STRIDE 131072ul
#define PAGE 4096ul
#define SLICE 1024
#define MAX_SLICES 65536
#define MAX_THREADS 8

typedef struct {
    ucs_rcache_region_t super;
    uint64_t key;
} region_t;

typedef struct {
    pthread_t thread;
    int index;
    uint64_t count;
    int in_order;
    double nanoseconds;
    double median;
} worker_t;

static ucs_rcache_t *cache;
static char *regions;
static uint64_t cached;
static pthread_barrier_t barrier;
static volatile uint64_t sink;

static ucs_status_t mem_reg(void *context, ucs_rcache_t *rcache, void *arg, ucs_rcache_region_t *region, uint16_t flags)
{
    ((region_t *)region)->key = region->super.start;
    return UCS_OK;
}

static void mem_dereg(void *context, ucs_rcache_t *rcache, ucs_rcache_region_t *region) {}

static void dump_region(void *context, ucs_rcache_t *rcache, ucs_rcache_region_t *region, char *text, size_t max)
{
    snprintf(text, max, "-");
}

static const ucs_rcache_ops_t ops = { mem_reg, mem_dereg, dump_region };

static void fail(const char *why)
{
    printf("error %s\n", why);
    fflush(stdout);
    exit(1);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e9 + time.tv_nsec;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values, int count)
{
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

static ucs_rcache_t *make_cache(void)
{
    ucs_rcache_params_t parameters = {
        .region_struct_size = sizeof(region_t),
        .alignment = UCS_RCACHE_MIN_ALIGNMENT,
        .max_alignment = PAGE,
        .ucm_events = UCM_EVENT_VM_UNMAPPED,
        .ucm_event_priority = 1000,
        .ops = &ops,
        .flags = UCS_RCACHE_FLAG_NO_PFN_CHECK,
        .max_regions = ~0ul,
        .max_size = ~0ul,
        .max_unreleased = ~0ul,
    };
    ucs_rcache_t *made;
    if (ucs_rcache_create(&parameters, "side", NULL, &made) != UCS_OK)
        fail("ucs_rcache_create refuses");
    return made;
}

static inline uint64_t touch(ucs_rcache_t *rcache, char *address)
{
    ucs_rcache_region_t *region;
    if (ucs_rcache_get(rcache, address, REGION, PROT_READ | PROT_WRITE, NULL, &region) != UCS_OK)
        fail("ucs_rcache_get refuses");
    uint64_t key = ((region_t *)region)->key;
    ucs_rcache_region_put(rcache, region);
    return key;
}

static char *map(void *address, size_t length, int protection, int flags)
{
    char *mapped = mmap(address, length, protection, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    if (mapped == MAP_FAILED)
        fail("mmap refuses");
    return mapped;
}

static void fill(uint64_t count)
{
    if (!regions)
        regions = map(NULL, 100000 * STRIDE, PROT_READ | PROT_WRITE, MAP_NORESERVE);
    if (count < cached) {
        ucs_rcache_destroy(cache);
        cache = make_cache();
        cached = 0;
    }
    for (; cached < count; cached++)
        touch(cache, regions + cached * STRIDE);
}

static void *hits(void *argument)
{
    worker_t *worker = argument;
    uint64_t state = worker->in_order ? 0 : 88172645463325252ull + worker->index, sum = 0;
    double *slices = malloc(MAX_SLICES * sizeof *slices);
    int done = 0;
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(worker->index % CPU_SETSIZE, &cpus);
    (void)pthread_setaffinity_np(pthread_self(), sizeof cpus, &cpus);
    pthread_barrier_wait(&barrier);
    double start = now(), before = start;
    do {
        for (int i = 0; i < SLICE; i++) {
            uint64_t index;
            if (worker->in_order) {
                index = state = state + 1 < worker->count ? state + 1 : 0;
            } else {
                state = state * 6364136223846793005ull + 1442695040888963407ull;
                index = ((state >> 32) * worker->count) >> 32;
            }
            sum += touch(cache, regions + index * STRIDE);
        }
        double after = now();
        slices[done++] = (after - before) / SLICE;
        before = after;
    } while (before - start < worker->nanoseconds && done < MAX_SLICES);
    sink = sum;
    worker->median = median(slices, done);
    free(slices);
    return NULL;
}

static double measure_hits(uint64_t count, int threads, double milliseconds, int in_order)
{
    worker_t workers[MAX_THREADS];
    double sum = 0;
    fill(count);
    pthread_barrier_init(&barrier, NULL, threads);
    for (int i = 0; i < threads; i++) {
        workers[i] = (worker_t){ .index = i, .count = count, .in_order = in_order, .nanoseconds = milliseconds * 1e6 };
        pthread_create(&workers[i].thread, NULL, hits, &workers[i]);
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        sum += workers[i].median;
    }
    pthread_barrier_destroy(&barrier);
    return sum / threads;
}

static double measure_misses(int count)
{
    fill(1);
    ucs_rcache_t *empty = make_cache();
    double *times = malloc(count * sizeof *times);
    for (int i = 0; i < count; i++) {
        double before = now();
        sink = touch(empty, regions + i * STRIDE);
        times[i] = now() - before;
    }
    ucs_rcache_destroy(empty);
    double result = median(times, count);
    free(times);
    return result;
}

/* Alone in a hole of memory that is kept, beside the same neighbours each time. */
static char *hole(void)
{
    static char *place;
    if (!place) {
        place = map(NULL, 4096 * PAGE, PROT_NONE, 0) + 2048 * PAGE;
        munmap(place - 1024 * PAGE, 2048 * PAGE);
    }
    return place;
}

static double measure_unmaps(int watched, int count)
{
    double *times = malloc(count * sizeof *times);
    char *place = hole();
    for (int i = 0; i < count; i++) {
        map(place, REGION, PROT_READ | PROT_WRITE, MAP_FIXED);
        for (uint64_t page = 0; page < REGION; page += PAGE)
            place[page] = 1;
        if (watched)
            sink = touch(cache, place);
        double before = now();
        munmap(place, REGION);
        times[i] = now() - before;
    }
    double result = median(times, count);
    free(times);
    return result;
}

int main(int argc, char **argv)
{
    int is_bare = argc > 1 && !strcmp(argv[1], "bare");
    unsigned major, minor, release;
    ucp_get_version(&major, &minor, &release);
    if (major != UCP_API_MAJOR || minor != UCP_API_MINOR)
        fail("the headers are of another version than the library");
    if (!is_bare)
        cache = make_cache();
    printf("UCX %u.%u.%u\n", major, minor, release);
    fflush(stdout);
    char line[256];
    while (fgets(line, sizeof line, stdin)) {
        unsigned long count;
        int threads;
        double milliseconds;
        if (!is_bare && sscanf(line, "hit %lu %d %lf", &count, &threads, &milliseconds) == 3 && threads <= MAX_THREADS)
            printf("%f\n", measure_hits(count, threads, milliseconds, 0));
        else if (!is_bare && sscanf(line, "hit-in-order %lu %d %lf", &count, &threads, &milliseconds) == 3 && threads <= MAX_THREADS)
            printf("%f\n", measure_hits(count, threads, milliseconds, 1));
        else if (!is_bare && sscanf(line, "miss %lu", &count) == 1)
            printf("%f\n", measure_misses((int)count));
        else if (!is_bare && sscanf(line, "munmap-watched %lu", &count) == 1)
            printf("%f\n", measure_unmaps(1, (int)count));
        else if (sscanf(line, "munmap %lu", &count) == 1)
            printf("%f\n", measure_unmaps(0, (int)count));
        else
            printf("error what is asked is not known\n");
        fflush(stdout);
    }
    return 0;
}
