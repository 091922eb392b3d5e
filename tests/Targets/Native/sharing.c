// A process and its children in shared memory: all count, first in its first page, then in its last one. Besides, each counts in two pages
// of its own. Prints the addresses of these four counters.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { PageBytes = 4096 };

static long *map(size_t pages, int flags) {
    void *memory = mmap(NULL, pages * PageBytes, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) exit(1);
    return memory;
}

int main(int count, char **arguments) {
    int children = count > 1 ? atoi(arguments[1]) : 2;
    size_t pages = count > 2 ? strtoul(arguments[2], NULL, 10) : 4096;
    size_t last = (pages - 1) * PageBytes / sizeof(long);
    long *shared = map(pages, MAP_SHARED), *own = map(pages, MAP_PRIVATE);
    for (size_t page = 0; page < pages; page++) shared[page * PageBytes / sizeof(long) + 1] = own[page * PageBytes / sizeof(long) + 1] = 1;
    pid_t parent = getpid();
    for (int i = 0; i < children; i++) {
        if (fork() != 0) continue;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(0); // The parent ended before that.
        break;
    }

    if (getpid() == parent) {
        printf("%p %p %p %p\n", (void *)shared, (void *)(shared + last), (void *)own, (void *)(own + last));
        fflush(stdout);
    }

    for (long i = 1;; i++) {
        __atomic_fetch_add(&shared[0], 1, __ATOMIC_SEQ_CST);
        __atomic_fetch_add(&shared[last], 1, __ATOMIC_SEQ_CST);
        __atomic_store_n(&own[0], i, __ATOMIC_SEQ_CST);
        __atomic_store_n(&own[last], i, __ATOMIC_SEQ_CST);
        if (i % 256 == 0) usleep(100);
    }
}
