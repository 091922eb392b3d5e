// A tree of processes that fork, execute this program again, make threads and change their memory all the time, and check what is in it.
// usage: tree SECONDS SEED [DEPTH]; ends with 0, or with 99 and a line if memory is not what was written or a child did not end well.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096ul
#define AREAS 12
#define MAX_PAGES 64
#define MAX_CHILDREN 3
#define MAX_DEPTH 3
#define FAILED 99

struct area {
    uint64_t *memory;
    size_t pages;
    uint64_t stamp;
};

static struct area areas[AREAS];
static uint64_t state;
static int depth, children;
static double deadline;
static char *program;
extern char **environ;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static uint64_t next(void)
{
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return state >> 33;
}

static void fail(const char *what)
{
    fprintf(stderr, "tree: %s (process %d, depth %d, error %d)\n", what, getpid(), depth, errno);
    _exit(FAILED);
}

static void fill(struct area *area)
{
    area->stamp = next();
    for (size_t i = 0; i < area->pages; i++)
        area->memory[i * PAGE / 8] = area->stamp + i;
}

static void check(struct area *area)
{
    for (size_t i = 0; i < area->pages; i++)
        if (area->memory[i * PAGE / 8] != area->stamp + i)
            fail("memory is not what was written");
}

static void drop(struct area *area)
{
    if (area->memory && munmap(area->memory, area->pages * PAGE))
        fail("munmap");
    area->memory = 0;
}

static void change_memory(void)
{
    struct area *area = &areas[next() % AREAS];
    if (!area->memory) {
        area->pages = 1 + next() % MAX_PAGES;
        area->memory = mmap(0, area->pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (area->memory == MAP_FAILED)
            fail("mmap");
        fill(area);
        return;
    }
    check(area);
    switch (next() % 6) {
    case 0:
        drop(area);
        return;
    case 1: {
        size_t pages = 1 + next() % area->pages;
        void *moved = mremap(area->memory, area->pages * PAGE, pages * PAGE, MREMAP_MAYMOVE);
        if (moved == MAP_FAILED)
            fail("mremap");
        area->memory = moved;
        area->pages = pages;
        check(area);
        return;
    }
    case 2: {
        void *place = mmap(0, area->pages * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        void *moved = mremap(area->memory, area->pages * PAGE, area->pages * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place);
        if (moved == MAP_FAILED)
            fail("mremap to a place");
        area->memory = moved;
        check(area);
        return;
    }
    case 3:
        if (madvise(area->memory, area->pages * PAGE, MADV_DONTNEED))
            fail("madvise");
        if (area->memory[0])
            fail("a dropped page is not zero");
        fill(area);
        return;
    case 4:
        if (mprotect(area->memory, area->pages * PAGE, PROT_READ))
            fail("mprotect");
        check(area);
        if (mprotect(area->memory, area->pages * PAGE, PROT_READ | PROT_WRITE))
            fail("mprotect back");
        return;
    default:
        fill(area);
    }
}

static void *write_own_memory(void *argument)
{
    size_t pages = 1 + (uintptr_t)argument % MAX_PAGES;
    uint64_t *memory = mmap(0, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        fail("mmap in a thread");
    for (uint64_t round = 1; round < 50; round++) {
        for (size_t i = 0; i < pages; i++)
            memory[i * PAGE / 8] = round + i;
        for (size_t i = 0; i < pages; i++)
            if (memory[i * PAGE / 8] != round + i)
                fail("a thread's memory is not what it wrote");
    }
    munmap(memory, pages * PAGE);
    return 0;
}

static void *execute_again(void *argument)
{
    char seconds[32], seed[32], level[32];
    snprintf(seconds, sizeof seconds, "%.3f", (double)(uintptr_t)argument / 1000);
    snprintf(seed, sizeof seed, "%lu", (unsigned long)next());
    snprintf(level, sizeof level, "%d", depth);
    execl(program, program, seconds, seed, level, (char *)0);
    fail("execl");
    return 0;
}

static void run_thread(void)
{
    pthread_t threads[3];
    int count = 1 + next() % 3;
    for (int i = 0; i < count; i++)
        if (pthread_create(&threads[i], 0, write_own_memory, (void *)(uintptr_t)next()))
            fail("pthread_create");
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], 0);
}

static void reap(int options)
{
    int status;
    pid_t child;
    while (children > 0 && (child = waitpid(-1, &status, options)) != 0) {
        if (child < 0 && errno == EINTR)
            continue;
        if (child < 0)
            fail("waitpid");
        children--;
        if (!WIFEXITED(status) || WEXITSTATUS(status))
            fail("a child did not end well");
    }
}

// Returns in the child only.
static int fork_child(void)
{
    pid_t child = fork();
    if (child < 0)
        fail("fork");
    if (child) {
        children++;
        return 0;
    }
    children = 0;
    depth++;
    state ^= (uint64_t)getpid() << 20;
    for (int i = 0; i < AREAS; i++)
        if (areas[i].memory)
            check(&areas[i]);
    return 1;
}

static void live(void)
{
    while (now() < deadline) {
        uint64_t choice = next() % 40;
        if (choice < 3)
            run_thread();
        else if (choice < 7 && depth < MAX_DEPTH && children < MAX_CHILDREN) {
            if (fork_child()) {
                unsigned milliseconds = 1 + next() % 300;
                double end = now() + milliseconds / 1000.0;
                if (end < deadline)
                    deadline = end;
                if (choice == 3)
                    execute_again((void *)(uintptr_t)milliseconds);
                if (choice == 4) {
                    pthread_t thread; // Not the first one: the kernel ends the others, and gives this one the number of the process.
                    if (pthread_create(&thread, 0, execute_again, (void *)(uintptr_t)milliseconds))
                        fail("pthread_create");
                    pthread_join(thread, 0);
                }
            }
        } else if (choice == 7 && children < MAX_CHILDREN) {
            pid_t child;
            char *arguments[] = {"true", 0};
            if (posix_spawnp(&child, "true", 0, 0, arguments, environ))
                fail("posix_spawn");
            children++;
        } else
            change_memory();
        reap(WNOHANG);
        if (choice > 30)
            usleep(next() % 2000);
    }
    reap(0);
    for (int i = 0; i < AREAS; i++)
        if (areas[i].memory)
            check(&areas[i]);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    program = argv[0];
    deadline = now() + atof(argv[1]);
    state = strtoull(argv[2], 0, 10) * 2654435761u + 1;
    depth = argc > 3 ? atoi(argv[3]) : 0;
    live();
    if (depth == 0)
        puts("ok");
    return 0;
}
