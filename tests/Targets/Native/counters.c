// counters MIB THREADS: knows what a debugger must show of it, and prints it. Two counters in different pages are incremented together
// all the time, a chain of nodes that lie far apart is built again and again, and every thread sits at a known depth of calls.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct node { struct node *next; long value; long padding[510]; };
struct pair { volatile long value; long padding[511]; };
struct pair *first, *second;
struct node *volatile chain;
long nodes = 64;
volatile long round_number;
static char *memory;
static long pages;

__attribute__((noinline)) void deep(int depth, volatile long *until)
{
    volatile int here = depth;
    if (depth == 0)
        while (*until == 0)
            usleep(1000);
    else
        deep(depth - 1, until);
    here++;
}

static volatile long never;

static void *sleeper(void *depth)
{
    deep((int)(long)depth, &never);
    return NULL;
}

// Lets a reader find the two counters alike, or one apart where it is stopped between the increments.
static void *writer(void *unused)
{
    (void)unused;
    unsigned long random = 88172645463325252UL;
    for (long i = 1;; i++) {
        first->value = i;
        second->value = i;
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        *(volatile long *)(memory + random % pages * 4096) = i;
        if (i % 256 == 0)
            usleep(200);
    }
    return NULL;
}

// All nodes of the chain get the same number, from the end to the beginning.
static void *builder(void *array)
{
    struct node *all = array;
    for (long round = 1;; round++) {
        for (long i = nodes - 1; i >= 0; i--) {
            all[i].value = round;
            all[i].next = i + 1 < nodes ? &all[i + 1] : NULL;
        }
        chain = &all[0];
        round_number = round;
        usleep(100);
    }
    return NULL;
}

int main(int count, char **arguments)
{
    (void)count;
    pages = atol(arguments[1]) * 256;
    memory = mmap(NULL, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (long i = 0; i < pages; i++)
        *(long *)(memory + i * 4096 + 8) = i + 1;
    first = aligned_alloc(4096, sizeof *first);
    second = aligned_alloc(4096, sizeof *second);
    struct node *all = aligned_alloc(4096, nodes * sizeof *all);
    // Left out of cores, but for its neighbours.
    char *secret = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 3; i++)
        *(long *)(secret + i * 4096) = 0x5ec4e7;
    madvise(secret + 4096, 4096, MADV_DONTDUMP);
    // What the program itself may not read any more.
    long *forbidden = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *forbidden = 0xf0b1dde;
    mprotect(forbidden, 4096, PROT_NONE);
    pthread_t thread;
    pthread_create(&thread, NULL, writer, NULL);
    pthread_create(&thread, NULL, builder, all);
    for (long i = 0; i < atol(arguments[2]); i++)
        pthread_create(&thread, NULL, sleeper, (void *)(10 + i));
    while (first->value == 0 || chain == NULL)
        usleep(100);
    printf("%d %p %p %p %p %p %p\n", getpid(), (void *)first, (void *)second, (void *)all, secret, (void *)forbidden, memory);
    fflush(stdout);
    for (;;) {
        long before = first->value;
        usleep(20000);
        printf("%ld\n", before);
        fflush(stdout);
    }
}
